"""What an action acts on, named by what it is. The rungs of the ladder, from the firmest to the last resort:

    Save                                            what a person would call it
    {role: button, name: Save, in: {role: dialog}}  an accessible thing
    {cell: {row: 3, column: Amount}}                a cell of a table
    {screen_text: Save, right_of: Cancel}           text as it stands on the screen
    {image: images/save.png}                        a picture of it
    {point: [120, 40], window: Editor}              a point of a window

`or:` names another way to find the same thing, tried when the first does not show.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

Wants: TypeAlias = Literal["field", "press", "check", "read", "any"]
Anchor: TypeAlias = Literal["right_of", "left_of", "below", "above", "near"]
ANCHORS: tuple[Anchor, ...] = ("right_of", "left_of", "below", "above", "near")


def _as_text(value: Any) -> Any:
    """Numbers and dates as the text that stands on the screen."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | date):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


Words: TypeAlias = Annotated[str, BeforeValidator(_as_text)]


class Cell(BaseModel):
    """A cell: `row` from 1 or by the cells of its row, `column` from 1, by letter (B, AA) or by heading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: int | dict[str, Words] = Field(description="Row from 1, or {Column: cell, …}.")
    column: int | str = Field(description="Column from 1, by letter in a spreadsheet, or by heading.")

    @model_validator(mode="before")
    @classmethod
    def _address(cls, value: Any) -> Any:
        """`B7`, as spreadsheets say it."""
        if not isinstance(value, str):
            return value
        letters = value.rstrip("0123456789")
        if not letters.isascii() or not letters.isalpha() or letters == value:
            raise ValueError("a cell is written like B7, or {row: 3, column: Amount}")
        return {"row": int(value[len(letters) :]), "column": letters.upper()}

    @model_validator(mode="after")
    def _counts_from_one(self) -> Cell:
        if 0 in (self.row, self.column):
            raise ValueError("rows and columns count from 1")
        return self

    def __str__(self) -> str:
        row = ", ".join(f"{k} = {v}" for k, v in self.row.items()) if isinstance(self.row, dict) else self.row
        return f"cell (row {row}, column {self.column})"


class Target(BaseModel):
    """One thing on the desktop. All parts given must fit, and it must be the only one that fits."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    says: Words | None = Field(
        default=None, description="What a person would call it; the same as a bare text."
    )
    role: str | None = Field(
        default=None, description="button, textbox, checkbox, menuitem, tab, cell, dialog, …"
    )
    name: Words | None = Field(default=None, description="Its whole accessible name; * stands for anything.")
    label: Words | None = Field(default=None, description="The whole label of a field.")
    text: Words | None = Field(default=None, description="Its whole text.")
    contains: Words | None = Field(default=None, description="A part of its name or text, in any case.")
    description: Words | None = Field(
        default=None, description="Its hint (what shows when the mouse rests on it)."
    )
    path: list[str] | None = Field(
        default=None, description="Names or roles of what it is in, from the outside in, itself last."
    )
    row: str | dict[str, Words] | None = Field(default=None, description="A table row by its cells.")
    cell: Cell | None = Field(default=None, description="A cell: B7, or {row, column}.")
    focused: bool = Field(default=False, description="What has the keyboard now.")
    screen_text: Words | None = Field(
        default=None, description="Text as it stands on the screen, read by OCR."
    )
    image: str | None = Field(default=None, description="A picture of it, a file of the project.")
    point: tuple[int, int] | None = Field(
        default=None, description="x, y from the window's corner. Breaks when anything moves: last resort."
    )
    window: str | None = Field(
        default=None, description="Title of the window it is in; * stands for anything."
    )
    in_: Target | None = Field(
        default=None, alias="in", description="What it is in: dialog, panel, tab, row, table."
    )
    right_of: Target | None = Field(
        default=None, description="The nearest one to the right of this, on its line."
    )
    left_of: Target | None = Field(
        default=None, description="The nearest one to the left of this, on its line."
    )
    below: Target | None = Field(default=None, description="The nearest one under this.")
    above: Target | None = Field(default=None, description="The nearest one over this.")
    near: Target | None = Field(default=None, description="The nearest one to this.")
    nth: int | Literal["first", "last"] | None = Field(
        default=None,
        description="Which of several in reading order, from 1 (-1 is the last), or first, last.",
    )
    or_: Target | None = Field(
        default=None, alias="or", description="Another way to find it, when this shows nothing."
    )

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        if isinstance(value, str | int | Decimal | date) and not isinstance(value, bool):
            return {"says": value}
        return value

    @model_validator(mode="after")
    def _says_something(self) -> Target:
        said = self.parts()
        if not said.keys() - _ONLY_NARROW:
            raise ValueError(
                "a target needs says, role, name, label, text, contains, row, cell, screen_text, image, …"
            )
        if any(isinstance(v, str) and not v.strip() for v in said.values()):
            raise ValueError("a target may not be an empty text")
        if self.nth == 0:
            raise ValueError("nth counts from 1")
        if sum(k in said for k in ("screen_text", "image", "point")) > 1:
            raise ValueError(
                "screen_text, image and point are different rungs: give one, and the other under `or`"
            )
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core))
        bare = {"type": "string", "minLength": 1, "description": "What a person would call it."}
        return {"anyOf": [bare, {k: v for k, v in schema.items() if k != "title"}], "title": "Target"}

    def parts(self) -> dict[str, Any]:
        """What was said, by its YAML names."""
        return self.model_dump(by_alias=True, exclude_defaults=True)

    @property
    def rung(self) -> Literal["accessible", "text", "image", "point"]:
        """Where on the ladder this way of finding it stands."""
        if self.screen_text is not None:
            return "text"
        if self.image is not None:
            return "image"
        return "point" if self.point is not None else "accessible"

    @property
    def readable(self) -> str | None:
        """The words by which it may be found on the screen where a program tells nothing about itself."""
        words = (self.screen_text, self.says, self.text, self.contains, self.name, self.label)
        return next((w for w in words if w is not None), None)

    def anchors(self) -> dict[Anchor, Target]:
        return {side: found for side in ANCHORS if (found := getattr(self, side)) is not None}

    def ways(self) -> list[Target]:
        """This target and its alternatives, in order."""
        return [self, *(self.or_.ways() if self.or_ is not None else [])]

    def __str__(self) -> str:
        return _worded(self)


_ONLY_NARROW = frozenset({"in", "nth", "or", "right_of", "left_of", "below", "above", "near"})


def _worded(target: Target) -> str:
    """`button "Save" in dialog "Question"`: how messages and logs name a target."""
    words = [target.role] if target.role else []
    words += [f'"{v}"' for v in (target.says, target.name) if v is not None]
    for key in ("label", "text", "contains", "description", "screen_text", "image"):
        value = getattr(target, key)
        if value is not None:
            words.append(f'{key.replace("_", " ")} "{value}"')
    if target.path:
        words.append(" > ".join(target.path))
    if target.focused:
        words.append("the focused field")
    if target.cell is not None:
        words.append(str(target.cell))
    if target.row is not None:
        words.append(f"row ({_row(target.row)})")
    if target.point is not None:
        words.append(f"point {target.point[0]}, {target.point[1]}")
    words += [f"{side.replace('_', ' ')} {anchor}" for side, anchor in target.anchors().items()]
    if target.in_ is not None:
        words.append(f"in {target.in_}")
    if target.window is not None:
        words.append(f'window "{target.window}"' if not words else f'in window "{target.window}"')
    if target.nth is not None:
        words.append(f"nth {target.nth}")
    return " ".join(words)


def _row(row: str | Mapping[str, str]) -> str:
    return row if isinstance(row, str) else ", ".join(f"{k} = {v}" for k, v in row.items())
