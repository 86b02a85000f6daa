"""What an action acts on, named the way a person names it.

A bare text means what a person would mean: a field by its label, a button or link by its name, a
placeholder, or the text itself, in an order that depends on what is to be done with it. A mapping says it
exactly. How a target is looked up on a page stands in `js/engine.js`; here is its form, its selector and
its wording for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

Wants: TypeAlias = Literal["field", "press", "check", "file", "read", "any"]
Cell: TypeAlias = str | int | Decimal | date


def _as_text(value: Any) -> Any:
    """Numbers and dates as the text a page would be searched for."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | date):
        return value
    return (
        value.isoformat()
        if isinstance(value, date)
        else format(value, "f")
        if isinstance(value, Decimal)
        else str(value)
    )


_ONLY_NARROW = frozenset({"nth", "near", "in", "frame", "hidden", "multiline"})
Words: TypeAlias = Annotated[str, BeforeValidator(_as_text)]


def _strict_cell(value: Any) -> Any:
    if isinstance(value, bool | float) or value is None:
        raise ValueError("a cell is compared with a text, a number or a date")
    return value


CellValue: TypeAlias = Annotated[Cell, Field(union_mode="smart"), BeforeValidator(_strict_cell)]


class Target(BaseModel):
    """One thing on a page. All parts given must fit (role *and* name); it must be the only one that fits."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    says: Words | None = Field(default=None, description="What a person would call it; the same as a bare text.")
    role: str | None = Field(
        default=None, description="ARIA role: button, link, textbox, checkbox, row, dialog, heading, …"
    )
    name: Words | None = Field(default=None, description="Its whole accessible name, usually the words on it.")
    label: Words | None = Field(default=None, description="The whole label of a field.")
    text: Words | None = Field(default=None, description="Its whole text.")
    contains: Words | None = Field(default=None, description="A part of its text, in any case.")
    pattern: str | None = Field(
        default=None, description="A regular expression that its whole text fits, such as `[0-9]+ items`."
    )
    picture: Words | None = Field(
        default=None,
        description="An icon or picture without words: the name of its file, `trash` for …/trash.png.",
    )
    shape: Literal["any", "rectangle", "square", "circle", "triangle", "polygon", "line"] | None = Field(
        default=None, description="A drawn shape, or a painted box without words."
    )
    color: Words | None = Field(
        default=None, description="Its colour in English: red, orange, grey, …; of several, the very colour."
    )
    value: CellValue | None = Field(default=None, description="What stands in the field: a text, a number or a date.")
    placeholder: Words | None = Field(default=None, description="The grey text in an empty field.")
    title: Words | None = Field(default=None, description="The text that shows when the mouse rests on it.")
    alt: Words | None = Field(default=None, description="The alternative text of a picture.")
    test_id: str | None = Field(default=None, description="data-testid, data-test-id, data-test, data-qa or data-cy.")
    css: str | None = Field(default=None, description="A CSS selector. Breaks when the page is rebuilt: last resort.")
    xpath: str | None = Field(default=None, description="An XPath. Breaks when the page is rebuilt: last resort.")
    row: str | dict[str, CellValue] | None = Field(
        default=None,
        description="A table row by its cells, `{Column: cell, …}`; beside other parts: the row to look in. "
        "A bare text fits any cell; columns without a heading are numbered from 1.",
    )
    near: Target | None = Field(default=None, description="Of several that fit, the one nearest to this.")
    in_: Target | None = Field(
        default=None,
        alias="in",
        description="Where to look: a dialog, section, group, form, table or row, by name or heading.",
    )
    nth: int | Literal["first", "last"] | None = Field(
        default=None, description="Which of several, counted from 1 (-1 is the last), or `first`, `last`."
    )
    frame: Words | list[Words] | None = Field(
        default=None,
        description="The frame it is in, by name, title, id or a part of its address; a list goes inwards.",
    )
    multiline: bool | None = Field(
        default=None, description="Of text fields: only areas of several lines (true), only single lines (false)."
    )
    hidden: bool = Field(default=False, description="Take elements into account that do not show.")
    focused: bool = Field(default=False, description="What has the keyboard now.")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        if isinstance(value, Target):
            return value
        if isinstance(value, str | int | Decimal | date) and not isinstance(value, bool):
            return {"says": value}
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Target:
        if not self.parts().keys() - _ONLY_NARROW:
            raise ValueError("a target needs at least one of says, role, name, label, text, contains, row, css, …")
        if any(isinstance(v, str) and not v.strip() for k, v in self.parts().items() if k != "value"):
            raise ValueError("a target may not be an empty text")
        if self.nth == 0:
            raise ValueError("nth counts from 1")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core))
        bare = {"type": "string", "minLength": 1, "description": "What a person would call it."}
        return {"anyOf": [bare, {k: v for k, v in schema.items() if k != "title"}], "title": "Target"}

    def parts(self) -> dict[str, Any]:
        """What was said, by its YAML names."""
        return self.model_dump(by_alias=True, exclude_defaults=True)

    def frames(self) -> list[str]:
        """The frames to go through, outermost first."""
        if self.frame is None:
            return []
        return [self.frame] if isinstance(self.frame, str) else list(self.frame)

    def spec(self, wants: Wants = "any") -> dict[str, Any]:
        """The form that the engine in the page reads."""
        parts: dict[str, Any] = {
            k: v for k, v in self.parts().items() if k not in ("frame", "row", "value", "near", "in")
        }
        if self.row is not None:
            cells = {"*": self.row} if isinstance(self.row, str) else self.row
            parts["row"] = {key: _cell(cell) for key, cell in cells.items()}
        if self.value is not None:
            parts["value"] = _cell(self.value)
        if self.near is not None:
            parts["near"] = self.near.spec()
        if self.in_ is not None:
            parts["in"] = self.in_.spec()
        if self.says is not None or wants == "file":
            parts["wants"] = wants
        return parts

    def selector(self, wants: Wants = "any") -> str:
        """The Playwright selector of this target inside its frame."""
        return engine_selector(self.spec(wants))

    def __str__(self) -> str:
        return _worded(self)


def engine_selector(spec: Mapping[str, Any]) -> str:
    """A selector of our engine. Marks that Playwright's own parser would read are escaped."""
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    for mark in ("'", "`", ">", "<"):
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return f"rpa={text}"


def _cell(value: Cell) -> dict[str, str]:
    if isinstance(value, date):
        day = value.date() if isinstance(value, datetime) else value
        return {"t": day.isoformat(), "d": day.isoformat()}
    if isinstance(value, int | Decimal):
        text = format(value, "f") if isinstance(value, Decimal) else str(value)
        return {"t": text, "n": text}
    return {"t": value}


def _worded(target: Target) -> str:
    """`button "Save" in row (Number = 4711)`: how messages and logs name a target."""
    words: list[str] = []
    if target.role:
        words.append(target.role)
    words += [f'"{value}"' for value in (target.says, target.name) if value is not None]
    for key in (
        "label",
        "text",
        "contains",
        "placeholder",
        "title",
        "alt",
        "test_id",
        "css",
        "xpath",
        "pattern",
        "picture",
        "shape",
        "color",
        "value",
    ):
        value = getattr(target, key)
        if value is not None:
            words.append(f'{key} "{value}"')
    if target.multiline is not None:
        words.append("of several lines" if target.multiline else "of one line")
    if target.focused:
        words.append("the focused field")
    if target.row is not None:
        cells = target.row if isinstance(target.row, str) else ", ".join(f"{k} = {v}" for k, v in target.row.items())
        words.append(("in " if words else "") + f"row ({cells})")
    if target.in_ is not None:
        words.append(f"in {target.in_}")
    if target.near is not None:
        words.append(f"near {target.near}")
    if target.nth is not None:
        words.append(f"nth {target.nth}")
    if target.frame is not None:
        words.append(f"in frame {' > '.join(target.frames())}")
    return " ".join(words)
