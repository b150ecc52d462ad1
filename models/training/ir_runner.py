"""Reads OpenVINO IR files and computes them layer by layer.

This is written from the format alone and shares no code with the writer or with
the networks, so that agreement of the results means something. It knows the layer
types that the demo models use, and computes one picture at a time.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import numpy as np
import torch
import torch.nn.functional as functional

Inputs = list[np.ndarray]
_TYPES = {"f16": np.float16, "f32": np.float32, "i64": np.int64, "u8": np.uint8}


@dataclass
class Layer:
    """A layer of the file."""

    kind: str
    name: str
    data: dict[str, str]
    sources: list[tuple[int, int]] = field(default_factory=list)  # (input port, layer)

    def integers(self, key: str) -> list[int]:
        return [int(item) for item in self.data[key].split(",")]

    def numbers(self, key: str) -> list[float]:
        return [float(item) for item in self.data.get(key, "").split(",") if item.strip()]

    def flag(self, key: str) -> bool:
        return self.data.get(key, "false") in ("true", "1")


class IrModel:
    """A model read from .xml and .bin."""

    def __init__(self, path: Path) -> None:
        root = ElementTree.parse(path).getroot()
        weights = path.with_suffix(".bin").read_bytes()
        self._layers: dict[int, Layer] = {}
        self._constants: dict[int, np.ndarray] = {}
        for element in root.iter("layer"):
            data = element.find("data")
            layer = Layer(element.get("type"), element.get("name"),
                          {} if data is None else dict(data.attrib))
            layer_id = int(element.get("id"))
            self._layers[layer_id] = layer
            if layer.kind == "Const":
                self._constants[layer_id] = _read_constant(layer, weights)
        for edge in root.iter("edge"):
            target = self._layers[int(edge.get("to-layer"))]
            target.sources.append((int(edge.get("to-port")), int(edge.get("from-layer"))))
        for layer in self._layers.values():
            layer.sources.sort()
        self._declared = {
            int(element.get("id")): [int(dim.text) for dim in element.findall("output/port/dim")]
            for element in root.iter("layer")}
        self._order = _execution_order(self._layers)

    def run(self, picture: np.ndarray) -> np.ndarray:
        """Compute the (only) output for the (only) input."""
        values = dict(self._constants)
        for layer_id in self._order:
            layer = self._layers[layer_id]
            if layer.kind == "Const":
                continue
            if layer.kind == "Parameter":
                values[layer_id] = picture.astype(np.float32)
                continue
            inputs = [values[source] for _, source in layer.sources]
            if layer.kind == "Result":
                return inputs[0]
            values[layer_id] = _OPERATIONS[layer.kind](layer, inputs)
            if list(values[layer_id].shape) != self._declared[layer_id]:
                raise ValueError(f"{layer.name}: computed shape {values[layer_id].shape}, "
                                 f"declared {self._declared[layer_id]}")
        raise ValueError("the model has no Result")


def _read_constant(layer: Layer, weights: bytes) -> np.ndarray:
    offset, size = int(layer.data["offset"]), int(layer.data["size"])
    shape = layer.integers("shape") if layer.data["shape"] else []
    stored = np.frombuffer(weights[offset:offset + size], _TYPES[layer.data["element_type"]])
    return stored.reshape(shape).copy()


def _execution_order(layers: dict[int, Layer]) -> list[int]:
    """Every layer after the layers it reads."""
    order: list[int] = []
    done: set[int] = set()
    waiting = list(layers)
    while waiting:
        ready = [i for i in waiting if all(source in done for _, source in layers[i].sources)]
        if not ready:
            raise ValueError("the graph has a cycle")
        order += ready
        done.update(ready)
        waiting = [i for i in waiting if i not in done]
    return order


def _convolution(layer: Layer, inputs: Inputs) -> np.ndarray:
    weight, groups = inputs[1], 1
    if layer.kind == "GroupConvolution":
        groups = weight.shape[0]
        weight = weight.reshape(-1, *weight.shape[2:])
    begin, end = layer.integers("pads_begin"), layer.integers("pads_end")
    x = functional.pad(torch.from_numpy(inputs[0]), (begin[1], end[1], begin[0], end[0]))
    result = functional.conv2d(
        x, torch.from_numpy(np.ascontiguousarray(weight)), stride=layer.integers("strides"),
        dilation=layer.integers("dilations"), groups=groups)
    return result.numpy()


def _max_pool(layer: Layer, inputs: Inputs) -> np.ndarray:
    if any(layer.integers("pads_begin") + layer.integers("pads_end")):
        raise ValueError("MaxPool with padding")
    return functional.max_pool2d(
        torch.from_numpy(inputs[0]), layer.integers("kernel"), layer.integers("strides"),
        ceil_mode=layer.data["rounding_type"] == "ceil").numpy()


def _reduce_mean(layer: Layer, inputs: Inputs) -> np.ndarray:
    return inputs[0].mean(tuple(inputs[1].tolist()), keepdims=layer.flag("keep_dims"))


def _softmax(layer: Layer, inputs: Inputs) -> np.ndarray:
    axis = int(layer.data["axis"])
    power = np.exp(inputs[0] - inputs[0].max(axis, keepdims=True))
    return power / power.sum(axis, keepdims=True)


def _reshape(layer: Layer, inputs: Inputs) -> np.ndarray:
    x, pattern = inputs[0], inputs[1].tolist()
    if layer.flag("special_zero"):
        pattern = [x.shape[i] if size == 0 else size for i, size in enumerate(pattern)]
    return x.reshape(pattern)


def _strided_slice(layer: Layer, inputs: Inputs) -> np.ndarray:
    """Slices of vectors only."""
    x, begin, end, stride = inputs
    first = None if layer.integers("begin_mask")[0] else int(begin[0])
    last = None if layer.integers("end_mask")[0] else int(end[0])
    return x[first:last:int(stride[0])]


def _prior_box(layer: Layer, inputs: Inputs) -> np.ndarray:
    (rows, columns), (height, width) = inputs[0].tolist(), inputs[1].tolist()
    smallest, largest = layer.numbers("min_size"), layer.numbers("max_size")
    step, offset = float(layer.data["step"]), float(layer.data["offset"])
    ratios = [1.0]
    for ratio in layer.numbers("aspect_ratio"):
        for value in [ratio, 1 / ratio] if layer.flag("flip") else [ratio]:
            if min(abs(value - known) for known in ratios) >= 1e-6:
                ratios.append(value)
    boxes = []
    for row in range(rows):
        for column in range(columns):
            if step == 0:
                x, y = (column + 0.5) * width / columns, (row + 0.5) * height / rows
            else:
                x, y = (column + offset) * step, (row + offset) * step
            for index, size in enumerate(smallest):
                sides = [(size, size)]
                if index < len(largest):
                    middle = (size * largest[index]) ** 0.5
                    sides.append((middle, middle))
                sides += [(size * ratio ** 0.5, size / ratio ** 0.5) for ratio in ratios[1:]]
                for w, h in sides:
                    boxes += [(x - w / 2) / width, (y - h / 2) / height,
                              (x + w / 2) / width, (y + h / 2) / height]
    corners = np.array(boxes, np.float32)
    if layer.flag("clip"):
        corners = corners.clip(0, 1)
    variances = layer.numbers("variance") or [0.1] * 4
    return np.stack([corners, np.resize(np.array(variances, np.float32), corners.size)])


def _detection_output(layer: Layer, inputs: Inputs) -> np.ndarray:
    """Decode, suppress and sort the detections of one picture."""
    priors, variances = inputs[2][0].reshape(2, -1, 4)
    offsets = inputs[0].reshape(-1, 4)
    scores = inputs[1].reshape(len(priors), -1)
    boxes = _decode_centre_size(offsets, priors, variances)
    if layer.flag("clip_before_nms"):
        boxes = boxes.clip(0, 1)

    kept: list[tuple[float, int, int]] = []  # score, prior, class
    top_k = int(layer.data["top_k"])
    threshold = np.float32(layer.data["confidence_threshold"])
    for label in range(scores.shape[1]):
        if label == int(layer.data["background_label_id"]):
            continue
        candidates = np.flatnonzero(scores[:, label] > threshold)
        candidates = candidates[np.argsort(-scores[candidates, label], kind="stable")]
        if top_k >= 0:
            candidates = candidates[:top_k]
        for prior in _suppress(boxes, candidates, float(layer.data["nms_threshold"])):
            kept.append((scores[prior, label], prior, label))

    keep = layer.integers("keep_top_k")[0]
    kept = sorted(kept, key=lambda item: (-item[0], item[1]))[:keep]
    kept.sort(key=lambda item: (item[2], -item[0], item[1]))
    output = np.zeros((1, 1, keep, 7), np.float32)
    for row, (score, prior, label) in zip(output[0, 0], kept):
        box = boxes[prior].clip(0, 1) if layer.flag("clip_after_nms") else boxes[prior]
        row[:] = (0, label, score, *box)
    if len(kept) < keep:
        output[0, 0, len(kept), 0] = -1
    return output


def _decode_centre_size(offsets: np.ndarray, priors: np.ndarray,
                        variances: np.ndarray) -> np.ndarray:
    size = priors[:, 2:] - priors[:, :2]
    centre = (priors[:, 2:] + priors[:, :2]) / 2 + variances[:, :2] * offsets[:, :2] * size
    half = np.exp(variances[:, 2:] * offsets[:, 2:]) * size / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _suppress(boxes: np.ndarray, candidates: np.ndarray, threshold: float) -> list[int]:
    """Keep candidates (best first) that overlap no better one beyond the threshold."""
    kept: list[int] = []
    for candidate in candidates.tolist():
        if not kept or overlap(boxes[candidate], boxes[kept]).max() <= threshold:
            kept.append(candidate)
    return kept


def overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Intersection over union of a box with several."""
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    common = sides.clip(0).prod(1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return common / np.maximum((box[2:] - box[:2]).prod() + areas - common, 1e-12)


_OPERATIONS: dict[str, Callable[[Layer, Inputs], np.ndarray]] = {
    "Add": lambda layer, x: x[0] + x[1],
    "Clamp": lambda layer, x: x[0].clip(float(layer.data["min"]), float(layer.data["max"])),
    "Concat": lambda layer, x: np.concatenate(x, axis=int(layer.data["axis"])),
    "Convert": lambda layer, x: x[0].astype(_TYPES[layer.data["destination_type"]]),
    "Convolution": _convolution,
    "DetectionOutput": _detection_output,
    "GroupConvolution": _convolution,
    "MaxPool": _max_pool,
    "Multiply": lambda layer, x: x[0] * x[1],
    "PriorBox": _prior_box,
    "ReLU": lambda layer, x: np.maximum(x[0], 0),
    "ReduceMean": _reduce_mean,
    "Reshape": _reshape,
    "ShapeOf": lambda layer, x: np.array(x[0].shape, np.int64),
    "SoftMax": _softmax,
    "StridedSlice": _strided_slice,
    "Subtract": lambda layer, x: x[0] - x[1],
    "Transpose": lambda layer, x: x[0].transpose(x[1].tolist()),
    "Unsqueeze": lambda layer, x: np.expand_dims(x[0], tuple(x[1].tolist())),
}
