"""Just enough of the protobuf wire format to look into an ONNX file and cut it, without an inference library.

https://protobuf.dev/programming-guides/encoding: a message is a row of (field number, wire type, value).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class FieldValue(NamedTuple):
    """One field: its number, its payload where it is length-delimited (else None), and all its bytes as
    they stand."""

    number: int
    payload: memoryview | None
    whole: memoryview
    value: int


def fields(data: memoryview) -> Iterator[FieldValue]:
    """Every field of a message, in order. Raises ValueError where `data` is no message."""
    at = 0
    while at < len(data):
        start = at
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        payload, value = None, 0
        if wire == _BYTES:
            size, at = _varint(data, at)
            payload, at = data[at : at + size], at + size
        elif wire == _VARINT:
            value, at = _varint(data, at)
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"not a protobuf message: wire type {wire} at byte {start}")
        if at > len(data):
            raise ValueError("not a protobuf message: it ends inside a field")
        yield FieldValue(number, payload, data[start:at], value)


def texts(data: memoryview, number: int) -> list[str]:
    """The strings in a repeated field."""
    return [
        bytes(f.payload).decode("utf-8") for f in fields(data) if f.number == number and f.payload is not None
    ]


def bytes_field(number: int, payload: bytes) -> bytes:
    """A length-delimited field, encoded."""
    return _encoded(number << 3 | _BYTES) + _encoded(len(payload)) + payload


def varint_field(number: int, value: int) -> bytes:
    return _encoded(number << 3 | _VARINT) + _encoded(value)


def _encoded(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


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
