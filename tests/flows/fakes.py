# ruff: noqa: UP013 - they do nothing with what they get
"""A small catalog of actions that do nothing: the language is tested without any bot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from flows.action import Catalog, action
from flows.data import Secret


class Target(BaseModel):
    """What is acted on; a bare text is its name."""

    model_config = ConfigDict(extra="forbid")
    says: str | None = None
    role: str | None = None
    name: str | None = None
    label: str | None = None
    text: str | None = None
    contains: str | None = None
    css: str | None = None
    row: dict[str, Any] | None = None
    nth: int | Literal["first", "last"] | None = None
    within: Target | None = Field(default=None, alias="in")

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"says": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler.resolve_ref_schema(handler(core))]}


class Browser:
    bot_name: ClassVar[str] = "browser"


class Desktop:
    bot_name: ClassVar[str] = "desktop"


@action("browser.open", main="url", acts="screen", fails={"page-missing": "application"})
def browser_open(browser: Browser, *, url: str) -> None:
    """Opens a page."""


@action("browser.goto", main="url", acts="screen")
def goto(browser: Browser, *, url: str) -> None:
    """Goes to a page."""


@action("browser.click", main="target", acts="screen", fails={"target-missing": "application"})
def click(browser: Browser, *, target: Target, count: int = 1) -> None:
    """Clicks what a person would click."""


@action("browser.fill", acts="screen", fails={"target-missing": "application"})
def fill(browser: Browser, *, target: Target, text: Secret | str) -> None:
    """Puts a text into a field."""


@action("browser.point", acts="screen")
def click_at(browser: Browser, *, x: int, y: int) -> None:
    """Clicks at a place."""


@action("browser.exists", main="target", probes=True)
def exists(browser: Browser, *, target: Target, absent: Target | None = None) -> bool:
    """Whether something shows."""
    return True


@action("browser.read", main="target")
def read(browser: Browser, *, target: Target, kind: Literal["text", "number"] = "text") -> str:
    """Reads a text."""
    return ""


@action("browser.wait", main="seconds")
def wait(browser: Browser, *, seconds: int) -> None:
    """Waits."""


@action("browser.screenshot", main="name")
def screenshot(browser: Browser, *, name: str = "") -> str:
    """Takes a picture."""
    return ""


@action("desktop.start", main="program", acts="screen")
def start(desktop: Desktop, *, program: str) -> None:
    """Starts a program."""


@action("desktop.click", main="target", acts="screen")
def desktop_click(desktop: Desktop, *, target: Target) -> None:
    """Clicks in a program."""


class FileOutput(TypedDict):
    path: str
    size: int


@action("files.list", main="pattern")
def list_files(*, pattern: str) -> list[FileOutput]:
    """Files that match."""
    return []


@action("files.exists", main="path", probes=True)
def file_exists(*, path: str) -> bool:
    """Whether a file is there."""
    return True


@action("files.append", main="line", acts="outside", fails={"file-missing": "flow"})
def append(*, line: str, path: str) -> None:
    """Adds a line to a file."""


@action("files.write", main="text", acts="outside", repeatable=True)
def write(*, text: str, path: str) -> FileOutput:
    """Writes a file whole."""
    return {"path": path, "size": 0}


@action("data.set", main="value", passes="value")
def set_value(*, value: Any) -> Any:
    """Gives a value a name."""
    return value


@action("data.log", main="message")
def log(*, message: str) -> None:
    """Writes a line into the record."""


@action("data.assert", fails={"assertion-failed": "business"})
def check_that(*, that: bool, message: str = "", code: str = "assertion-failed") -> None:
    """Ends the item unless it is true."""


@action("data.count", main="values")
def count_values(*, values: list[str], since: date | None = None, factor: Decimal | None = None) -> int:
    """Counts."""
    return len(values)


def _extraction(parameters: Mapping[str, Any]) -> Any:
    if parameters.get("doctype", "invoice") != "invoice":
        return Any
    fields = TypedDict(
        "fields",
        {"invoice_number": str, "supplier": str, "issue_date": date, "net": Decimal, "total": Decimal},
    )
    line = TypedDict("line", {"description": str, "amount": Decimal})
    return TypedDict("extraction", {"fields": fields, "lines": list[line], "needs_review": bool})  # type: ignore[valid-type]


@action("document.extract", main="file", outputs_of=_extraction, fails={"pdf-encrypted": "business"})
def extract(*, file: str, doctype: str = "invoice") -> Any:
    """Reads a document."""


class Reviewed(TypedDict, total=False):
    reviewed: bool
    by: str


@action("review.ask", main="extraction", passes="extraction", fails={"review-rejected": "business"})
def ask(*, extraction: dict[str, Any], require: list[str] | None = None) -> Reviewed:
    """Asks a person when it is needed."""
    return {}


class Address(BaseModel):
    model_config = ConfigDict(extra="forbid")
    city: str
    street: str


@action("fake.address")
def address(*, address: Address) -> None:
    """Takes an address."""


@action("mail.login")
def mail_login(*, user: str, password: Secret | str) -> None:
    """Logs in."""


@action("notify.email", main="subject", acts="outside")
def email(*, subject: str, to: str) -> None:
    """Tells somebody."""


_FUNCTIONS = (
    browser_open, goto, click, fill, click_at, exists, read, wait, screenshot, start, desktop_click,
    list_files, file_exists, append, write, set_value, log, check_that, count_values, extract, ask, address,
    mail_login, email,
)  # fmt: skip
CATALOG = Catalog(f.action_spec for f in _FUNCTIONS)  # type: ignore[attr-defined]
