"""The nodes and constants of an ONNX file, read without an inference library.

Field numbers are those of onnx.proto3 (GraphProto, NodeProto, AttributeProto, TensorProto).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ocr.models.protobuf import FieldValue, fields, texts

Array: TypeAlias = NDArray[Any]

_GRAPH = 7
_NODE, _INITIALIZER, _INPUT, _OUTPUT = 1, 5, 11, 12
_NODE_IN, _NODE_OUT, _NODE_OP, _NODE_ATTRIBUTE = 1, 2, 4, 5
_ATTR_NAME, _ATTR_F, _ATTR_I, _ATTR_S, _ATTR_T, _ATTR_G, _ATTR_INTS = 1, 2, 3, 4, 5, 6, 8
_DIMS, _TYPE, _FLOATS, _INT32S, _INT64S, _NAME, _RAW = 1, 2, 4, 5, 7, 8, 9
_TYPES = {1: np.float32, 6: np.int32, 7: np.int64, 9: np.bool_, 10: np.float16, 11: np.float64}


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. An empty input name stands for an input left out. The branches of an `If` are attributes:
    graphs that use the names around them."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OnnxGraph:
    """Nodes in an order that can be run; `constants` by name; the names of what goes in and comes out."""

    nodes: tuple[Node, ...]
    constants: Mapping[str, Array]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def read_graph(source: Path | bytes) -> OnnxGraph:
    """The graph of an ONNX file or of its bytes. Raises ValueError where there is none."""
    data = memoryview(source if isinstance(source, bytes) else source.read_bytes())
    body = next((f.payload for f in fields(data) if f.number == _GRAPH and f.payload is not None), None)
    if body is None:
        raise ValueError("this is no ONNX model: it holds no graph")
    return _graph(body)


def _graph(body: memoryview) -> OnnxGraph:
    parts = [f for f in fields(body) if f.payload is not None]
    nodes = [_node(f.payload) for f in parts if f.number == _NODE and f.payload is not None]
    constants = dict(_tensor(f.payload) for f in parts if f.number == _INITIALIZER and f.payload is not None)
    constants |= {n.outputs[0]: n.attributes["value"] for n in nodes if n.op == "Constant"}
    return OnnxGraph(
        tuple(node for node in nodes if node.op != "Constant"),
        constants,
        tuple(name for name in _names(parts, _INPUT) if name not in constants),
        tuple(_names(parts, _OUTPUT)),
    )


def _names(parts: list[FieldValue], number: int) -> list[str]:
    return [texts(f.payload, 1)[0] for f in parts if f.number == number and f.payload is not None]


def _node(data: memoryview) -> Node:
    attributes = dict(
        _attribute(f.payload) for f in fields(data) if f.number == _NODE_ATTRIBUTE and f.payload is not None
    )
    return Node(texts(data, _NODE_OP)[0], tuple(texts(data, _NODE_IN)), tuple(texts(data, _NODE_OUT)), attributes)


def _attribute(data: memoryview) -> tuple[str, Any]:
    name, value, ints = "", None, []
    for f in fields(data):
        if f.number == _ATTR_NAME and f.payload is not None:
            name = bytes(f.payload).decode()
        elif f.number == _ATTR_F:
            (value,) = struct.unpack("<f", f.whole[-4:])
        elif f.number == _ATTR_I:
            value = _signed(f.value)
        elif f.number == _ATTR_S and f.payload is not None:
            value = bytes(f.payload).decode()
        elif f.number == _ATTR_T and f.payload is not None:
            value = _tensor(f.payload)[1]
        elif f.number == _ATTR_G and f.payload is not None:
            value = _graph(f.payload)
        elif f.number == _ATTR_INTS:
            ints += _integers(f)
    return name, ints or value


def _tensor(data: memoryview) -> tuple[str, Array]:
    name, kind, dims, raw, listed = "", 1, [], b"", np.zeros(0)
    for f in fields(data):
        if f.number == _DIMS:
            dims += _integers(f)
        elif f.number == _TYPE:
            kind = f.value
        elif f.number == _NAME and f.payload is not None:
            name = bytes(f.payload).decode()
        elif f.number == _RAW and f.payload is not None:
            raw = bytes(f.payload)
        elif f.number == _FLOATS:
            listed = np.concatenate([listed, np.frombuffer(f.payload or f.whole[-4:], "<f4")])
        elif f.number in (_INT32S, _INT64S):
            listed = np.concatenate([listed, np.array(_integers(f))])
    values: Array = np.frombuffer(raw, _TYPES[kind]) if raw else listed.astype(_TYPES[kind])
    return name, values.reshape(dims)


def _integers(field: FieldValue) -> list[int]:
    """A repeated integer: packed, or one at a time."""
    if field.payload is None:
        return [_signed(field.value)]
    made, value, shift = [], 0, 0
    for byte in field.payload:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            made.append(_signed(value))
            value = shift = 0
    return made


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value
