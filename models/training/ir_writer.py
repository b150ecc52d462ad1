"""Writes OpenVINO IR version 11: a graph as .xml, its constants as .bin.

Only the bookkeeping of the format is here; which layers make up a model is
decided by the exporter.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence, Union

import numpy as np

Attribute = Union[str, int, float, bool, Sequence[int], Sequence[float]]

_ELEMENT_TYPES = {"float16": ("f16", "FP16"), "int64": ("i64", "I64")}


@dataclass(frozen=True)
class Port:
    """The output of a layer."""

    layer: int
    index: int
    shape: tuple[int, ...]
    precision: str


def _text(value: Attribute) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return ", ".join(_text(item) for item in value)


class IrWriter:
    """Collects layers in execution order and saves them."""

    def __init__(self, name: str) -> None:
        self._root = ElementTree.Element("net", name=name, version="11")
        self._layers = ElementTree.SubElement(self._root, "layers")
        self._edges = ElementTree.SubElement(self._root, "edges")
        self._weights = bytearray()

    def parameter(self, name: str, shape: tuple[int, ...]) -> Port:
        """Add a float input."""
        data = {"shape": ",".join(map(str, shape)), "element_type": "f32"}
        return self._add(name, "Parameter", "opset1", (), data, shape, "FP32", name)

    def constant(self, name: str, value: np.ndarray) -> Port:
        """Add a constant. Floats are stored in half precision and converted back."""
        if value.dtype != np.int64:
            stored = self._const(f"{name}_compressed", value.astype(np.float16))
            return self._add(name, "Convert", "opset1", (stored,), {"destination_type": "f32"},
                             stored.shape, "FP32", decompression=True)
        return self._const(name, value)

    def layer(self, name: str, kind: str, inputs: Sequence[Port], shape: tuple[int, ...],
              data: dict[str, Attribute] | None = None, version: str = "opset1",
              precision: str = "FP32") -> Port:
        """Add a layer with one output, whose tensor gets the layer's name."""
        return self._add(name, kind, version, inputs, data, shape, precision, name)

    def result(self, source: Port, name: str) -> None:
        """Mark a port as an output of the model."""
        self._add(f"{name}/sink_port_0", "Result", "opset1", (source,), None, None, "FP32")

    def save(self, path: Path) -> None:
        """Write path (.xml) and the .bin beside it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        tree = ElementTree.ElementTree(self._root)
        ElementTree.indent(tree, "\t")
        text = ElementTree.tostring(self._root, encoding="unicode", short_empty_elements=True)
        path.write_text(f'<?xml version="1.0"?>\n{text}\n', encoding="utf-8", newline="\n")
        path.with_suffix(".bin").write_bytes(self._weights)

    def _const(self, name: str, value: np.ndarray) -> Port:
        element_type, precision = _ELEMENT_TYPES[value.dtype.name]
        self._weights += b"\0" * (-len(self._weights) % value.itemsize)
        data = {
            "element_type": element_type,
            "shape": list(value.shape),
            "offset": len(self._weights),
            "size": value.nbytes,
        }
        self._weights += value.astype(value.dtype.newbyteorder("<")).tobytes()
        return self._add(name, "Const", "opset1", (), data, value.shape, precision)

    def _add(self, name: str, kind: str, version: str, inputs: Sequence[Port],
             data: dict[str, Attribute] | None, shape: tuple[int, ...] | None, precision: str,
             tensor_name: str | None = None, decompression: bool = False) -> Port:
        """Add a layer and its edges; a shape of None means a layer without output."""
        layer_id, output_index = len(self._layers), len(inputs)
        layer = ElementTree.SubElement(
            self._layers, "layer", id=str(layer_id), name=name, type=kind, version=version)
        if data:
            texts = {key: _text(value) for key, value in data.items()}
            ElementTree.SubElement(layer, "data", texts)
        if decompression:
            info = ElementTree.SubElement(layer, "rt_info")
            ElementTree.SubElement(info, "attribute", name="decompression", version="0")
        if inputs:
            ports = ElementTree.SubElement(layer, "input")
            for index, source in enumerate(inputs):
                self._port(ports, index, source.shape, source.precision)
                ElementTree.SubElement(self._edges, "edge", {
                    "from-layer": str(source.layer), "from-port": str(source.index),
                    "to-layer": str(layer_id), "to-port": str(index)})
        if shape is not None:
            ports = ElementTree.SubElement(layer, "output")
            self._port(ports, output_index, shape, precision, tensor_name)
        return Port(layer_id, output_index, tuple(shape or ()), precision)

    @staticmethod
    def _port(parent: ElementTree.Element, index: int, shape: tuple[int, ...], precision: str,
              name: str | None = None) -> None:
        port = ElementTree.SubElement(parent, "port", id=str(index), precision=precision)
        if name is not None:
            port.set("names", name)
        for size in shape:
            ElementTree.SubElement(port, "dim").text = str(size)
