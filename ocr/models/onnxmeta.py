"""The metadata of an ONNX file, without an inference library.

An ONNX file is one protobuf message (`ModelProto`, onnx.proto3); its `metadata_props` is field 14, repeated
`{key: field 1, value: field 2}`. Every other field is skipped by its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_METADATA_PROPS = 14
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def onnx_metadata(path: Path) -> dict[str, str]:
    """`metadata_props` of the model at `path`. Raises ValueError where the file is no protobuf message."""
    data = memoryview(path.read_bytes())
    entries = [dict(_fields(payload)) for number, payload in _fields(data) if number == _METADATA_PROPS]
    return {_text(entry.get(1)): _text(entry.get(2)) for entry in entries}


def _text(payload: memoryview | None) -> str:
    return bytes(payload or b"").decode("utf-8")


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """(field number, payload) of every length-delimited field."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _BYTES:
            size, at = _varint(data, at)
            yield number, data[at : at + size]
            at += size
        elif wire == _VARINT:
            _, at = _varint(data, at)
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"not a protobuf message: wire type {wire} at byte {at}")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("not a protobuf message: it ends inside a number")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
