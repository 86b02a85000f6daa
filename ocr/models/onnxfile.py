"""ONNX files: their metadata, and a recogniser parted from its last layer.

Field numbers are those of onnx.proto3 (ModelProto, GraphProto, NodeProto, TensorProto, ValueInfoProto).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.models.protobuf import FieldValue, bytes_field, fields, texts, varint_field

_GRAPH, _METADATA = 7, 14
_NODE, _INITIALIZER, _INPUT, _OUTPUT, _SHAPES = 1, 5, 11, 12, 13
_INPUTS, _OUTPUTS, _OP = 1, 2, 4
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_FLOAT = 1
_JOINED = b"features_and_chances"
_TAIL = ("Softmax", "Identity", "Add", "MatMul")
_AXIS_2 = bytes_field(5, bytes_field(1, b"axis") + varint_field(3, 2) + varint_field(20, 2))
"""The attribute `axis` of a node: the integer 2."""


def onnx_metadata(path: Path) -> dict[str, str]:
    """`metadata_props` of the model at `path`. Raises ValueError where the file is no protobuf message."""
    data = memoryview(path.read_bytes())
    entries = (f.payload for f in fields(data) if f.number == _METADATA and f.payload is not None)
    return {texts(entry, 1)[0]: (texts(entry, 2) or [""])[0] for entry in entries}


@dataclass(frozen=True, slots=True)
class Parted:
    """A classifier in two ONNX files. `body` answers with what the last layer is given (`features` numbers) and,
    behind them, with the chances of a few classes; `head` is the whole last layer, from those features on."""

    body: bytes
    head: bytes
    features: int


def parted(path: Path, classes: Sequence[int]) -> Parted:
    """The classifier at `path` in two; the body knows `classes`, in that order.

    The last layer is softmax(x · W + b), and its 18,710 columns cost as much as the rest of the network. Raises
    ValueError where the graph does not end so.
    """
    model = memoryview(path.read_bytes())
    graph = next((f.payload for f in fields(model) if f.number == _GRAPH and f.payload is not None), None)
    if graph is None:
        raise ValueError("this is no ONNX model: it holds no graph")
    tail = _tail(graph)
    around = b"".join(bytes(f.whole) for f in fields(model) if f.number != _GRAPH)
    return Parted(
        around + bytes_field(_GRAPH, _body(graph, tail, classes)),
        around + bytes_field(_GRAPH, _head(graph, tail)),
        _floats(tail.weight).shape[0],
    )


def _body(graph: memoryview, tail: _Tail, classes: Sequence[int]) -> bytes:
    """The graph with few classes, and its last layer's input put before its answer."""
    left_out = {_OUTPUT, _SHAPES}
    kept = (f for f in fields(graph) if f.number not in left_out and not _is_tensor_of(f, tail))
    few = (_initializer(data, _floats(data)[..., classes]) for data in (tail.weight, tail.bias))
    inputs = [bytes_field(_INPUTS, name.encode()) for name in (tail.source, tail.answer)]
    joined = b"".join([*inputs, bytes_field(_OUTPUTS, _JOINED), bytes_field(_OP, b"Concat"), _AXIS_2])
    made = [*(bytes(f.whole) for f in kept), *few, bytes_field(_NODE, joined), bytes_field(_OUTPUT, _value(_JOINED))]
    return b"".join(made)


def _head(graph: memoryview, tail: _Tail) -> bytes:
    """The last layer alone."""
    kept = b"".join(bytes(f.whole) for f in fields(graph) if _is_node_of(f, tail) or _is_tensor_of(f, tail))
    sizes = [bytes_field(2, b"lines"), bytes_field(2, b"columns"), varint_field(1, _floats(tail.weight).shape[0])]
    shape = bytes_field(2, b"".join(bytes_field(1, size) for size in sizes))
    given = bytes_field(_INPUT, _value(tail.source.encode(), shape))
    return kept + given + bytes_field(_OUTPUT, _value(tail.answer.encode()))


@dataclass(frozen=True, slots=True)
class _Tail:
    """The last layer: what its nodes make (`answer` last of all), what it is given, and its tensors."""

    made: frozenset[str]
    answer: str
    source: str
    weight: memoryview
    bias: memoryview


def _tail(graph: memoryview) -> _Tail:
    """From the graph's output backwards to the last MatMul."""
    parts = [(f.number, f.payload) for f in fields(graph) if f.payload is not None]
    tensors = {texts(data, _NAME)[0]: data for number, data in parts if number == _INITIALIZER}
    makers = {made: data for number, data in parts if number == _NODE for made in texts(data, _OUTPUTS)}
    name = answer = next(texts(data, 1)[0] for number, data in parts if number == _OUTPUT)
    passed: list[str] = []
    found: list[memoryview] = []
    while name in makers and (op := texts(makers[name], _OP)[0]) in _TAIL:
        inputs = texts(makers[name], _INPUTS)
        passed.append(name)
        found += [tensors[source] for source in inputs if source in tensors]
        name = next((source for source in inputs if source not in tensors), "")
        if op == "MatMul" and len(found) == 2:
            bias, weight = found
            return _Tail(frozenset(passed), answer, name, weight, bias)
    raise ValueError("the graph does not end in MatMul, Add, Softmax")


def _is_node_of(field: FieldValue, tail: _Tail) -> bool:
    made = texts(field.payload, _OUTPUTS) if field.number == _NODE and field.payload is not None else []
    return bool(tail.made & set(made))


def _is_tensor_of(field: FieldValue, tail: _Tail) -> bool:
    return field.number == _INITIALIZER and field.payload in (tail.weight, tail.bias)


def _value(name: bytes, shape: bytes = b"") -> bytes:
    """A tensor of floats, declared as an input or output (ValueInfoProto)."""
    return bytes_field(1, name) + bytes_field(2, bytes_field(1, varint_field(1, _FLOAT) + shape))


def _floats(tensor: memoryview) -> NDArray[np.float32]:
    shape = [f.value for f in fields(tensor) if f.number == _DIMS]
    raw = next((f.payload for f in fields(tensor) if f.number == _RAW and f.payload is not None), None)
    if raw is None or len(raw) != 4 * int(np.prod(shape)):
        raise ValueError("the classifier's weights are not stored as raw 32-bit floats")
    return np.frombuffer(raw, np.float32).reshape(shape)


def _initializer(like: memoryview, values: NDArray[np.float32]) -> bytes:
    """The tensor `like` with other values."""
    dims = b"".join(varint_field(_DIMS, size) for size in values.shape)
    name = bytes_field(_NAME, texts(like, _NAME)[0].encode())
    body = dims + varint_field(_TYPE, _FLOAT) + name + bytes_field(_RAW, np.ascontiguousarray(values).tobytes())
    return bytes_field(_INITIALIZER, body)
