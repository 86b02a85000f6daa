"""ONNX files: their metadata, and a recogniser narrowed to fewer characters.

Field numbers are those of onnx.proto3 (ModelProto, GraphProto, NodeProto, TensorProto, ValueInfoProto).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.models.protobuf import bytes_field, fields, texts, varint_field

_GRAPH, _METADATA = 7, 14
_NODE, _INITIALIZER, _OUTPUT, _SHAPES = 1, 5, 12, 13
_INPUTS, _OUTPUTS, _OP = 1, 2, 4
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_FLOAT = 1
_TAIL = ("Softmax", "Identity", "Add", "MatMul")


def onnx_metadata(path: Path) -> dict[str, str]:
    """`metadata_props` of the model at `path`. Raises ValueError where the file is no protobuf message."""
    data = memoryview(path.read_bytes())
    entries = (f.payload for f in fields(data) if f.number == _METADATA and f.payload is not None)
    return {texts(entry, 1)[0]: (texts(entry, 2) or [""])[0] for entry in entries}


def narrowed(path: Path, classes: Sequence[int]) -> bytes:
    """The classifier at `path` as an ONNX file that only knows `classes`, in that order.

    The last layer, softmax(x · W + b), keeps the columns of those classes: 18,710 of them cost as much as
    the rest of the network. Raises ValueError where the graph does not end so.
    """
    model = memoryview(path.read_bytes())
    graph = next((f.payload for f in fields(model) if f.number == _GRAPH and f.payload is not None), None)
    if graph is None:
        raise ValueError("this is no ONNX model: it holds no graph")
    made = _classifier(graph, np.asarray(classes))
    cut = b"".join(
        _shapeless(f.payload)
        if f.number == _OUTPUT and f.payload is not None
        else made.get(_tensor_name(f.number, f.payload), bytes(f.whole))
        for f in fields(graph)
        if f.number != _SHAPES
    )
    kept = b"".join(bytes(f.whole) for f in fields(model) if f.number != _GRAPH)
    return kept + bytes_field(_GRAPH, cut)


def _classifier(graph: memoryview, classes: NDArray[np.int64]) -> Mapping[str, bytes]:
    """The initialisers of the last layer, by name, with only the columns of `classes`."""
    tensors = {
        texts(f.payload, _NAME)[0]: f.payload
        for f in fields(graph)
        if f.number == _INITIALIZER and f.payload is not None
    }
    return {
        name: _initializer(name, _floats(tensors[name])[..., classes])
        for name in _last_layer(graph, set(tensors))
    }


def _last_layer(graph: memoryview, tensors: set[str]) -> list[str]:
    """Names of bias and weight: from the graph's output backwards to the last MatMul."""
    nodes = [f.payload for f in fields(graph) if f.number == _NODE and f.payload is not None]
    makers = {output: node for node in nodes for output in texts(node, _OUTPUTS)}
    name = next(
        texts(f.payload, 1)[0] for f in fields(graph) if f.number == _OUTPUT and f.payload is not None
    )
    found: list[str] = []
    while name in makers and texts(makers[name], _OP)[0] in _TAIL:
        inputs = texts(makers[name], _INPUTS)
        found += [source for source in inputs if source in tensors]
        if texts(makers[name], _OP)[0] == "MatMul" and len(found) == 2:
            return found
        name = next((source for source in inputs if source not in tensors), "")
    raise ValueError("the graph does not end in MatMul, Add, Softmax")


def _shapeless(output: memoryview) -> bytes:
    """The graph's output declared without its shape, which is another one now."""
    float_type = bytes_field(2, bytes_field(1, varint_field(1, _FLOAT)))
    return bytes_field(_OUTPUT, bytes_field(1, texts(output, 1)[0].encode()) + float_type)


def _tensor_name(number: int, payload: memoryview | None) -> str:
    return texts(payload, _NAME)[0] if number == _INITIALIZER and payload is not None else ""


def _floats(tensor: memoryview) -> NDArray[np.float32]:
    shape = [f.value for f in fields(tensor) if f.number == _DIMS]
    raw = next((f.payload for f in fields(tensor) if f.number == _RAW and f.payload is not None), None)
    if raw is None or len(raw) != 4 * int(np.prod(shape)):
        raise ValueError("the classifier's weights are not stored as raw 32-bit floats")
    return np.frombuffer(raw, np.float32).reshape(shape)


def _initializer(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b"".join(varint_field(_DIMS, size) for size in values.shape)
    body = dims + varint_field(_TYPE, _FLOAT) + bytes_field(_NAME, name.encode())
    return bytes_field(_INITIALIZER, body + bytes_field(_RAW, np.ascontiguousarray(values).tobytes()))
