"""The ledger's own column types, the same on SQLite (STRICT tables) and PostgreSQL.

time    Moment   INTEGER / BIGINT, microseconds since 1970, UTC
whole   Whole    INTEGER / BIGINT
flag    Flag     INTEGER 0 or 1, with a CHECK
data    Data     TEXT: the JSON of `flows.data` (money and other decimals stay exact inside it)
sealed  LargeBinary  BLOB / BYTEA: an envelope of `crypto`
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, LargeBinary, Table, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from flows.data import decode, encode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Whole = BigInteger().with_variant(Integer(), "sqlite")


def to_us(moment: datetime) -> int:
    """Microseconds since 1970. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment}")
    return (moment - _EPOCH) // _MICROSECOND


def from_us(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


class Moment(TypeDecorator[datetime]):
    """An aware datetime as microseconds since 1970."""

    impl = Whole
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else to_us(value)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else from_us(value)


def storable(text: str) -> str:
    """`text` without what no database stores as text: NUL and halves of surrogate pairs become visible
    marks."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "␀").encode("utf-8", "replace").decode("utf-8")


class Words(TypeDecorator[str]):
    """Text from anywhere."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else storable(value)


class Data(TypeDecorator[Any]):
    """Plain data as JSON text; None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else storable(encode(value))

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else decode(value)


# ── fields of the table classes ──────────────────────────────────────────────────────────────────────────
def _field(kind: Any, refers: str | None, gone: str | None, **options: Any) -> Any:
    parts = [ForeignKey(refers, ondelete=gone)] if refers else []
    options.setdefault("nullable", options.get("primary_key", False))
    if options.pop("key", False):
        options["primary_key"], options["nullable"] = True, False
    return Field(sa_column=Column(kind, *parts, **options))


def text(refers: str | None = None, gone: str | None = None, **options: Any) -> Any:
    """A TEXT column; `refers` to a `table.column`, which takes this row along or nulls it when `gone`."""
    return _field(Words(), refers, gone, **options)


def whole(refers: str | None = None, gone: str | None = None, **options: Any) -> Any:
    return _field(Whole, refers, gone, **options)


def moment(**options: Any) -> Any:
    return _field(Moment(), None, None, **options)


def data(**options: Any) -> Any:
    return _field(Data(), None, None, **options)


def sealed(**options: Any) -> Any:
    return _field(LargeBinary(), None, None, **options)


def flag(name: str) -> Any:
    """0 or 1."""
    return Field(
        sa_column=Column(
            name, Integer(), CheckConstraint(f"{name} IN (0, 1)"), nullable=False, server_default="0"
        )
    )


STRICT: dict[str, Any] = {"sqlite_strict": True}
NEVER_REUSED: dict[str, Any] = {"sqlite_strict": True, "sqlite_autoincrement": True}


def table(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table of a table class."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
