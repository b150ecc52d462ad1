"""Export the trained networks as OpenVINO IR, and check the files."""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from check_ir import check_classifier, check_detector, write_golden
from dataset import CLOSEUP_CLASSES, load
from ir_runner import IrModel
from ir_writer import IrWriter, Port
from nets import MEAN, SCALE, Classifier, Conv, Detector, Separable
from parts import CLASSES
from priors import DETECTOR_PRIORS, VARIANCES, PriorSpec

DETECTION_OUTPUT = {
    "background_label_id": 0,
    "top_k": 200,
    "variance_encoded_in_target": False,
    "keep_top_k": 100,
    "code_type": "caffe.PriorBoxParameter.CENTER_SIZE",
    "share_location": True,
    "nms_threshold": float(np.float32(0.45)),
    "confidence_threshold": float(np.float32(0.05)),
    "clip_after_nms": False,
    "clip_before_nms": False,
    "decrease_label_id": False,
    "normalized": True,
    "input_height": 1,
    "input_width": 1,
    "objectness_score": 0,
}


def fold(net: nn.Module) -> nn.Module:
    """Copy a network with batch normalisation folded away and half precision weights."""
    net = copy.deepcopy(net).eval()
    for module in net.modules():
        if isinstance(module, Conv):
            module[0] = fuse_conv_bn_eval(module[0], module[1])
            module[1] = nn.Identity()
    with torch.no_grad():
        for weight in net.parameters():
            weight.copy_(weight.half().float())
    return net


class Exporter:
    """Writes the modules of nets.py as IR layers."""

    def __init__(self, name: str, size: tuple[int, int]) -> None:
        self.ir = IrWriter(name)
        self.input = self.ir.parameter("image", (1, 3, size[1], size[0]))
        mean = self.ir.constant("mean", np.array(MEAN, np.float32).reshape(1, 3, 1, 1))
        scale = self.ir.constant("scale", np.full((1, 1, 1, 1), SCALE, np.float32))
        centred = self._elementwise("image/mean", "Subtract", self.input, mean)
        self.normalised = self._elementwise("image/scale", "Multiply", centred, scale)

    def _elementwise(self, name: str, kind: str, a: Port, b: Port) -> Port:
        return self.ir.layer(name, kind, (a, b), a.shape, {"auto_broadcast": "numpy"})

    def convolution(self, name: str, x: Port, conv: nn.Conv2d) -> Port:
        """A convolution, grouped or not, and its bias."""
        weight = conv.weight.detach().numpy()
        if conv.groups > 1:
            weight = weight.reshape(conv.groups, -1, *weight.shape[1:])
        (kernel, _), (stride, _), (pad, _) = conv.kernel_size, conv.stride, conv.padding
        rows, columns = ((side + 2 * pad - kernel) // stride + 1 for side in x.shape[2:])
        result = self.ir.layer(
            f"{name}/WithoutBiases",
            "GroupConvolution" if conv.groups > 1 else "Convolution",
            (x, self.ir.constant(f"{name}/weights", weight)),
            (1, conv.out_channels, rows, columns),
            {"strides": [stride] * 2, "dilations": [1, 1], "pads_begin": [pad] * 2,
             "pads_end": [pad] * 2, "auto_pad": "explicit"})
        bias = conv.bias.detach().numpy().reshape(1, -1, 1, 1)
        return self._elementwise(name, "Add", result, self.ir.constant(f"{name}/bias", bias))

    def block(self, name: str, x: Port, module: nn.Module) -> Port:
        """A Conv, a Separable, or a sequence of them."""
        if isinstance(module, Conv):
            y = self.convolution(name, x, module[0])
            return self._activation(f"{name}/activation", y, module[2])
        if isinstance(module, Separable):
            y = self.block(f"{name}/dw", x, module.depthwise)
            y = self.block(f"{name}/pw", y, module.pointwise)
            return self._elementwise(f"{name}/sum", "Add", x, y) if module.bypass else y
        for index, child in enumerate(module, 1):
            x = self.block(f"{name}_{index}", x, child)
        return x

    def _activation(self, name: str, x: Port, module: nn.Module) -> Port:
        if isinstance(module, nn.ReLU6):
            return self.ir.layer(name, "Clamp", (x,), x.shape, {"min": 0, "max": 6})
        return self.ir.layer(name, "ReLU", (x,), x.shape)

    def max_pool(self, name: str, x: Port) -> Port:
        _, channels, rows, columns = x.shape
        return self.ir.layer(
            name, "MaxPool", (x,), (1, channels, rows // 2, columns // 2),
            {"strides": [2, 2], "pads_begin": [0, 0], "pads_end": [0, 0], "kernel": [2, 2],
             "rounding_type": "floor", "auto_pad": "explicit"})

    def reshape(self, name: str, x: Port, shape: tuple[int, ...]) -> Port:
        """Reshape to (1, ...); the last but unknown dimension is left to the runtime."""
        pattern = [0, -1, *shape[2:]]
        target = self.ir.constant(f"{name}/shape", np.array(pattern, np.int64))
        return self.ir.layer(name, "Reshape", (x, target), shape, {"special_zero": True})

    def softmax(self, name: str, x: Port) -> Port:
        return self.ir.layer(
            name, "SoftMax", (x,), x.shape, {"axis": len(x.shape) - 1}, version="opset8")

    def flat_head(self, name: str, x: Port, conv: nn.Conv2d) -> Port:
        """An SSD head: convolution, channels last, flattened."""
        y = self.convolution(name, x, conv)
        _, channels, rows, columns = y.shape
        order = self.ir.constant(f"{name}/order", np.array([0, 2, 3, 1], np.int64))
        y = self.ir.layer(f"{name}/perm", "Transpose", (y, order), (1, rows, columns, channels))
        return self.reshape(f"{name}/flat", y, (1, rows * columns * channels))

    def concat(self, name: str, parts: list[Port], axis: int) -> Port:
        shape = list(parts[0].shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        return self.ir.layer(name, "Concat", parts, tuple(shape), {"axis": axis})

    def _spatial_size(self, name: str, x: Port) -> Port:
        """Height and width of a tensor."""
        shape = self.ir.layer(f"{name}/shape", "ShapeOf", (x,), (len(x.shape),),
                              {"output_type": "i64"}, version="opset3", precision="I64")
        bounds = [self.ir.constant(f"{name}/{key}", np.array([value], np.int64))
                  for key, value in (("begin", 2), ("end", 4), ("stride", 1))]
        return self.ir.layer(
            f"{name}/size", "StridedSlice", (shape, *bounds), (2,),
            {"begin_mask": [0], "end_mask": [1], "new_axis_mask": [0], "shrink_axis_mask": [0],
             "ellipsis_mask": [0]}, precision="I64")

    def prior_box(self, name: str, features: Port, spec: PriorSpec) -> Port:
        count = features.shape[2] * features.shape[3] * len(spec.shapes()) * 4
        boxes = self.ir.layer(
            f"{name}/boxes", "PriorBox",
            (self._spatial_size(f"{name}/features", features),
             self._spatial_size(f"{name}/image", self.input)),
            (2, count),
            {"min_size": spec.min_size, "max_size": spec.max_size,
             "aspect_ratio": spec.aspect_ratio, "density": "", "fixed_ratio": "",
             "fixed_size": "", "clip": spec.clip, "flip": spec.flip, "step": spec.step,
             "offset": spec.offset, "variance": VARIANCES, "scale_all_sizes": True})
        axis = self.ir.constant(f"{name}/axis", np.array([0], np.int64))
        return self.ir.layer(name, "Unsqueeze", (boxes, axis), (1, 2, count))


def export_detector(net: Detector, path: Path) -> None:
    """Write a folded detector."""
    out = Exporter(path.stem, net.size)
    x = out.normalised
    for index, module in enumerate(net.stem):
        x = out.block(f"stem{index}", x, module)
    boxes, scores, priors = [], [], []
    heads = zip(net.stages, net.box_heads, net.class_heads, DETECTOR_PRIORS)
    for index, (stage, box_head, class_head, spec) in enumerate(heads, 1):
        x = out.block(f"stage{index}", x, stage)
        boxes.append(out.flat_head(f"head{index}/loc", x, box_head))
        scores.append(out.flat_head(f"head{index}/conf", x, class_head))
        priors.append(out.prior_box(f"head{index}/priorbox", x, spec))
    loc = out.concat("mbox_loc", boxes, 1)
    conf = out.concat("mbox_conf", scores, 1)
    conf = out.reshape("mbox_conf/rows", conf, (1, conf.shape[1] // net.classes, net.classes))
    conf = out.softmax("mbox_conf/softmax", conf)
    conf = out.reshape("mbox_conf/flat", conf, (1, conf.shape[1] * conf.shape[2]))
    detections = out.ir.layer(
        "detection_out", "DetectionOutput", (loc, conf, out.concat("mbox_priorbox", priors, 2)),
        (1, 1, DETECTION_OUTPUT["keep_top_k"], 7), DETECTION_OUTPUT, version="opset8")
    out.ir.result(detections, "detection_out")
    out.ir.save(path)
    _write_labels(path, {index: name for index, name in enumerate(CLASSES, 1)})


def export_classifier(net: Classifier, path: Path) -> None:
    """Write a folded classifier."""
    out = Exporter(path.stem, net.size)
    x = out.max_pool("pool", out.block("stem", out.normalised, net.stem))
    for index, stage in enumerate(net.stages, 1):
        x = out.block(f"stage{index}", x, stage)
    axes = out.ir.constant("average/axes", np.array([2, 3], np.int64))
    x = out.ir.layer("average", "ReduceMean", (x, axes), (*x.shape[:2], 1, 1), {"keep_dims": True})
    x = out.convolution("head", x, net.head)
    x = out.softmax("prob", out.reshape("head/flat", x, (1, net.classes)))
    out.ir.result(x, "prob")
    out.ir.save(path)
    _write_labels(path, dict(enumerate(CLOSEUP_CLASSES)))


def _write_labels(model: Path, labels: dict[int, str]) -> None:
    text = json.dumps({str(index): name for index, name in labels.items()}, indent=2)
    (model.parent / "labels.json").write_text(text + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--scenes", type=int, default=600)
    parser.add_argument("--closeups", type=int, default=1200)
    options = parser.parse_args()
    golden = options.output / "golden"

    detector = fold(_load(Detector(), options.cache / "detector.pt"))
    path = options.output / "parts-detector" / "parts-detector.xml"
    export_detector(detector, path)
    pictures, _ = load(options.cache, "scenes", "unseen", options.scenes)
    difference = check_detector(detector, IrModel(path), pictures[:20])
    print(f"detector: greatest difference between file and network {difference:.1e}")
    write_golden(IrModel(path), pictures[0], golden, "detector", "detection_out")

    classifier = fold(_load(Classifier(), options.cache / "classifier.pt"))
    path = options.output / "parts-classifier" / "parts-classifier.xml"
    export_classifier(classifier, path)
    pictures, _ = load(options.cache, "closeups", "unseen", options.closeups)
    difference = check_classifier(classifier, IrModel(path), pictures[:60])
    print(f"classifier: greatest difference between file and network {difference:.1e}")
    write_golden(IrModel(path), pictures[1], golden, "classifier", "prob")


def _load(net: nn.Module, weights: Path) -> nn.Module:
    net.load_state_dict(torch.load(weights))
    return net.eval()


if __name__ == "__main__":
    main()
