"""From a path to a page. Templates escape all that they show; what looks like a personal number is hidden once
more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from flows.catalogue import phrase, text
from flows.failures import Failure
from rpa.console.look import FEW, MANY, Look, Served
from rpa.engine.masking import mask_personal
from rpa.ledger.types import RunStatus
from rpa.report.html import POLICY as REPORT_POLICY
from rpa.report.html import report_html
from rpa.report.story import run_story
from rpa.report.wording import item_name

PAGES = Path(__file__).with_name("pages")
STYLE = "console.css"
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
LANGS = ("en", "ko")
UNKNOWN = ("run-unknown", "run-ambiguous", "schedule-unknown")


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    kind: str = "text/html; charset=utf-8"
    policy: str = POLICY


@dataclass(frozen=True)
class Site:
    """The console of one service."""

    served: Served

    def answer(self, path: str, query: Mapping[str, str]) -> Answer:
        """The page at `path`; 404 where there is none, 503 when the ledger cannot be asked."""
        if path == f"/{STYLE}":
            return Answer(200, (PAGES / STYLE).read_text("utf-8"), "text/css; charset=utf-8")
        default = self.served.planner.project.settings.lang
        lang = query.get("lang", default)
        page = _Page(Look(self.served, lang if lang in LANGS else default), path, dict(query))
        try:
            return page.answer()
        except Failure as failure:
            status = 404 if failure.code in UNKNOWN else 503
            message = text(failure.code, page.look.lang, **failure.details)
            return Answer(status, page.shown("problem.html", code=failure.code, message=message))


@dataclass(frozen=True)
class _Page:
    """One request."""

    look: Look
    path: str
    query: dict[str, str]

    def answer(self) -> Answer:
        first, _, rest = self.path.strip("/").partition("/")
        if rest and first in ("runs", "schedules"):
            return (self.run if first == "runs" else self.schedule)(unquote(rest))
        lists = {"": self.overview, "runs": self.runs, "schedules": self.schedules}
        if rest or first not in lists:
            return Answer(404, self.shown("problem.html", code="404", message=self.path))
        return lists[first]()

    # ── pages ──
    def overview(self) -> Answer:
        return Answer(200, self.shown("overview.html", few=FEW))

    def runs(self) -> Answer:
        words, status = self.query.get("q", ""), self.query.get("status", "")
        chosen = [RunStatus(status)] if status in list(RunStatus) else []
        found = self.look.runs(*chosen, words=words or None, number=MANY)
        return Answer(200, self.shown("runs.html", runs=found, words=words, status=status, states=list(RunStatus)))

    def run(self, run_id: str) -> Answer:
        """The same page that `rpa report` writes."""
        ledger = self.look.planner.ledger
        body = report_html(run_story(ledger, run_id), self.look.lang, ledger.artifact_bytes)
        return Answer(200, body, policy=f"{REPORT_POLICY}; base-uri 'none'; frame-ancestors 'none'")

    def schedules(self) -> Answer:
        words, start = self.query.get("q", ""), self.query.get("from", "0")
        names, first = self.look.names(words), int(start) if start.isdecimal() else 0
        rows = self.look.rows(names[first : first + MANY])
        more = first + MANY if first + MANY < len(names) else 0
        return Answer(200, self.shown("schedules.html", rows=rows, words=words, number=len(names), more=more))

    def schedule(self, name: str) -> Answer:
        return Answer(200, self.shown("schedule.html", row=self.look.row(name)))

    # ── what templates may say ──
    def shown(self, template: str, **more: Any) -> str:
        return (
            templates()
            .get_template(template)
            .render(
                look=self.look,
                say=self.say,
                word=self.word,
                url=self.url,
                at=self.at,
                other=self.other,
                item_name=item_name,
                **more,
            )
        )

    def say(self, code: str, **details: Any) -> str:
        return text(f"console-{code}", self.look.lang, **details)

    def word(self, english: Any) -> str:
        return phrase(str(english), self.look.lang)

    def url(self, *parts: str, **query: str) -> str:
        """An address of ours, in the language of this page."""
        asked = {k: v for k, v in {**query, "lang": self.query.get("lang", "")}.items() if v}
        return "/" + "/".join(quote(p, safe="") for p in parts) + (f"?{urlencode(asked)}" if asked else "")

    @property
    def other(self) -> str:
        """This page in the other language."""
        lang = next(code for code in LANGS if code != self.look.lang)
        return f"{quote(self.path)}?{urlencode({**self.query, 'lang': lang})}"

    def at(self, moment: datetime | None) -> str:
        return moment.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S") if moment else ""

    @cached_property
    def _zone(self) -> ZoneInfo:
        project = self.look.planner.project
        return ZoneInfo(project.manifest.timezone or project.settings.timezone)


@cache
def templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_masked,
    )


def _masked(value: Any) -> Any:
    """Of every value that a template shows."""
    return value if isinstance(value, Markup) else mask_personal(str(value))
