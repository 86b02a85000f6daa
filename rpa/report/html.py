"""A run as one HTML file that needs nothing else: what needs somebody first, then the timeline and each item
with its steps, pictures and extracted fields. No script, no address outside the file."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from flows.catalogue import phrase, text
from flows.data import simple
from rpa.ledger.errors import LedgerError
from rpa.ledger.types import ArtifactRecord, AttemptRecord, FailureRecord
from rpa.report.pages import marked_pages
from rpa.report.story import ItemStory, RunStory, is_extraction
from rpa.report.wording import failure_text, item_name, seconds

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = Path(__file__).with_name("report.css")
MAX_PICTURE = 4 << 20
MAX_PICTURES = 40 << 20
_CALM = ("succeeded", "cancelled", "new")
Read = Callable[[str], bytes]


def report_html(story: RunStory, lang: str, read: Read) -> str:
    """The page. `read` gives an artifact's content by its SHA-256 (LedgerError when it is gone)."""
    return _Report(story, lang, read).page()


class _Report:
    def __init__(self, story: RunStory, lang: str, read: Read) -> None:
        self.story, self.lang, self.read = story, lang, read
        self._left = MAX_PICTURES

    def say(self, code: str, **details: Any) -> str:
        return escape(text(f"report-{code}", self.lang, **details))

    def count(self, status: str, number: int) -> str:
        return phrase("{n} {status}", self.lang, n=number, status=phrase(status, self.lang))

    def badge(self, status: str) -> str:
        told = escape(phrase(status, self.lang))
        return f'<span class="badge {escape(status)}">{told}</span>' if status else ""

    def page(self) -> str:
        run = self.story.run
        body = "".join(
            (self.head(), self.failures(), self.timeline(), self.items(), self.around(), self.events())
        )
        return (
            f'<!doctype html><html lang="{self.lang}"><head><meta charset="utf-8">'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
            f"<title>{escape(run.flow_id)} {escape(run.id)}</title>"
            f"<style>{STYLE.read_text('utf-8')}</style></head><body>{body}</body></html>\n"
        )

    # ── above ──
    def head(self) -> str:
        run = self.story.run
        took = seconds(run.started, run.ended)
        facts = {
            "flow": run.flow_id,
            "revision": run.revision[:12],
            "profile": run.profile,
            "trigger": run.trigger,
            "by": run.actor,
            "started": _moment(run.started),
            "took": f"{took:.1f} s" if took is not None else "",
            "replay-of": run.replay_of or "",
            "reason": run.reason or "",
            "counts": ", ".join(self.count(s, n) for s, n in run.counts.items() if n),
            "inputs": _data(run.inputs),
            "outputs": _data(run.outputs),
        }
        rows = "".join(f"<dt>{self.say(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items() if v)
        return f"<header><h1>{escape(run.id)} {self.badge(str(run.status))}</h1><dl>{rows}</dl></header>"

    def failures(self) -> str:
        run = self.story.run
        told = [
            f'<li><a href="#i{s.item.id}">{escape(item_name(s.item))}</a> {self.badge(str(s.item.status))}'
            f"{self.failure(s.item.failure)}</li>"
            for s in self.story.items
            if str(s.item.status) not in _CALM
        ]
        if run.failure:
            told.insert(0, f"<li>{self.failure(run.failure)}</li>")
        if not told:
            return ""
        how = (
            f"<p><code>{escape(f'rpa replay {run.id}')}</code></p>"
            if str(run.status) in ("failed", "abandoned")
            else ""
        )
        return f'<section class="bad"><h2>{self.say("needs-you")}</h2><ul>{"".join(told)}</ul>{how}</section>'

    def failure(self, failure: FailureRecord | None) -> str:
        if failure is None:
            return ""
        message, fix = failure_text(failure, self.lang)
        detail = (
            f"<br><small>{escape(failure.message[:600])}</small>" if failure.message not in message else ""
        )
        where = (
            f"<br><small>{self.say('step')} <code>{escape(failure.step_path)}</code></small>"
            if failure.step_path
            else ""
        )
        doubt = f" <b>{self.say('effect-maybe')}</b>" if failure.effect == "maybe" else ""
        mend = f"<br>→ {escape(fix)}" if fix else ""
        told = f"[<code>{escape(failure.code)}</code>] {escape(message)}{doubt}{detail}{where}{mend}"
        return f'<p class="failure">{told}</p>'

    # ── timeline ──
    def timeline(self) -> str:
        """A line per item in order of time, a bar per step, coloured by outcome."""
        rows = [(item_name(s.item), s.attempts, f"#i{s.item.id}") for s in self.story.items if s.attempts]
        if self.story.around:
            rows.append((text("report-around", self.lang), self.story.around, "#around"))
        if not rows:
            return ""
        rows.sort(key=lambda row: row[1][0].started)
        drawn = "".join(
            f'<a class="name" href="{link}">{escape(name)}</a><div class="bar">{self.spans(attempts)}</div>'
            for name, attempts, link in rows
        )
        axis = f'<span></span><div class="axis"><span>0 s</span><span>{self.total:.1f} s</span></div>'
        return f'<section><h2>{self.say("timeline")}</h2><div class="time">{drawn}{axis}</div></section>'

    @property
    def total(self) -> float:
        """Seconds from the run's start to its end or its last step."""
        return max((self.story.last - self.story.first).total_seconds(), 0.001)

    def spans(self, attempts: Iterable[AttemptRecord]) -> str:
        return "".join(
            _span(a, (a.started - self.story.first).total_seconds() / self.total, self.total)
            for a in attempts
        )

    # ── items ──
    def items(self) -> str:
        return (
            f"<h2>{self.say('items')}</h2>" + "".join(map(self.item, self.story.items))
            if self.story.items
            else ""
        )

    def item(self, story: ItemStory) -> str:
        item = story.item
        opened = "" if str(item.status) in _CALM else " open"
        writes = "".join(
            f"<li>{escape(w.what)} <code>{escape(w.key)}</code>: {self.badge(str(w.verdict))} "
            f"{escape(w.settled_by)}</li>"
            for w in story.writes
        )
        parts = (
            self.failure(item.failure),
            f"<h4>{self.say('writes')}</h4><ul>{writes}</ul>" if writes else "",
            self.extractions(story),
            self.pictures(story.artifacts),
            self.steps(story.attempts),
            self.files(story.artifacts),
        )
        title = f"{escape(item_name(item))} {self.badge(str(item.status))}"
        return (
            f'<details class="item" id="i{item.id}"{opened}><summary>{title} '
            f"<small>{self.say('tries', n=item.tries)}</small></summary>{''.join(parts)}</details>"
        )

    def steps(self, attempts: Iterable[AttemptRecord]) -> str:
        rows = "".join(map(self.step, attempts))
        titles = "".join(
            f"<th>{self.say(t)}</th>" for t in ("step", "action", "outcome", "took", "parameters", "outputs")
        )
        return (
            f"<details><summary>{self.say('steps')}</summary><table><tr>{titles}</tr>{rows}</table></details>"
            if rows
            else ""
        )

    def step(self, a: AttemptRecord) -> str:
        cells = (
            f"<code>{escape(a.step_path)}</code> {escape(a.name)}",
            escape(a.action),
            f"{self.badge(str(a.outcome))} {escape(a.reason)}{self.failure(a.failure)}",
            f"{(a.ended - a.started).total_seconds():.2f} s",
            _folded(a.params),
            _folded(a.outputs),
        )
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    def extractions(self, story: ItemStory) -> str:
        last = next((a.outputs for a in reversed(story.attempts) if is_extraction(a.outputs)), None)
        if last is None:
            return ""
        drawn = "".join(marked_pages(last, _document(story)))
        tables = self.fields(last["details"]) + self.lines(last.get("lines") or [])
        return f'<h4>{self.say("fields")}</h4><div class="read"><div>{tables}</div><div>{drawn}</div></div>'

    def fields(self, details: Mapping[str, Any]) -> str:
        rows = "".join(_field(name, d) for name, d in details.items() if isinstance(d, Mapping))
        titles = "".join(
            f"<th>{self.say(t)}</th>" for t in ("field", "value", "printed", "confidence", "checks")
        )
        return f"<table><tr>{titles}</tr>{rows}</table>"

    def lines(self, lines: Sequence[Mapping[str, Any]]) -> str:
        if not lines:
            return ""
        columns = list(dict.fromkeys(name for line in lines for name in line))
        rows = "".join(_row(str(n), *(line.get(c) for c in columns)) for n, line in enumerate(lines, 1))
        titles = "".join(f"<th>{escape(c)}</th>" for c in (text("report-line", self.lang), *columns))
        return f"<table><tr>{titles}</tr>{rows}</table>"

    # ── kept files ──
    def pictures(self, artifacts: Iterable[ArtifactRecord]) -> str:
        shown = "".join(
            self.picture(a) for a in artifacts if a.media_type.startswith("image/") and a.kind != "item"
        )
        return f"<h4>{self.say('pictures')}</h4>{shown}" if shown else ""

    def picture(self, artifact: ArtifactRecord) -> str:
        caption = (
            f"<figcaption>{escape(artifact.kind)} · <code>{escape(artifact.step_path)}</code></figcaption>"
        )
        if artifact.size > min(MAX_PICTURE, self._left):
            return f"<figure>{self.say('too-large', path=artifact.path)}{caption}</figure>"
        try:
            content = self.read(artifact.sha256)
        except LedgerError as error:
            return f"<figure>{escape(text(error.code, self.lang, **error.details))}{caption}</figure>"
        self._left -= len(content)
        uri = f"data:{escape(artifact.media_type)};base64,{base64.b64encode(content).decode()}"
        return f'<figure><img src="{uri}" alt="{escape(artifact.name)}">{caption}</figure>'

    def files(self, artifacts: Iterable[ArtifactRecord]) -> str:
        rows = "".join(
            f"<li>{escape(a.kind)} {escape(a.name)} <code>{escape(a.path)}</code></li>" for a in artifacts
        )
        return f"<details><summary>{self.say('files')}</summary><ul>{rows}</ul></details>" if rows else ""

    # ── below ──
    def around(self) -> str:
        inner = self.pictures(self.story.artifacts) + self.steps(self.story.around)
        return (
            f'<details class="item" id="around"><summary>{self.say("around")}</summary>{inner}</details>'
            if inner
            else ""
        )

    def events(self) -> str:
        rows = "".join(
            f"<tr><td>{_moment(e.at)}</td><td>{escape(e.level)}</td><td><code>{escape(e.step_path)}</code></td>"
            f"<td>{escape(e.code or '')} {escape(e.message)} {escape(_data(e.details))}</td></tr>"
            for e in self.story.events
        )
        return (
            f'<details class="item"><summary>{self.say("log")}</summary><table>{rows}</table></details>'
            if rows
            else ""
        )


def _span(a: AttemptRecord, start: float, total: float) -> str:
    """A bar of the timeline; `start` is its place as a share of the whole, `total` the whole's seconds."""
    seconds = (a.ended - a.started).total_seconds()
    place = f"left:{start * 100:.2f}%;width:{max(seconds / total * 100, 0.15):.2f}%"
    title = f"{escape(a.step_path)} {seconds:.2f} s"
    return f'<i class="{escape(str(a.outcome))}" style="{place}" title="{title}"></i>'


def _field(name: str, detail: Mapping[str, Any]) -> str:
    checks = ", ".join(
        f"{'✓' if c.get('passed') else '✗'} {c.get('name')}" for c in detail.get("checks") or []
    )
    printed = detail.get("raw") or detail.get("reason")
    return _row(name, detail.get("value"), printed, detail.get("confidence"), checks)


def _row(*cells: Any) -> str:
    return "<tr>" + "".join(f"<td>{escape('' if c is None else str(c))}</td>" for c in cells) + "</tr>"


def _document(story: ItemStory) -> Path | None:
    """The file that was read, if it is still kept or still where it lay."""
    kept = next((a.path for a in story.artifacts if a.kind == "item"), None)
    path = kept or story.item.data.get("path")
    return Path(str(path)) if path else None


def _moment(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _data(value: Any) -> str:
    return json.dumps(simple(value), ensure_ascii=False) if value else ""


def _folded(value: Any) -> str:
    """Short values at once, long ones behind a fold."""
    if value in (None, {}, []):
        return ""
    line = json.dumps(simple(value), ensure_ascii=False)
    if len(line) <= 100:
        return f"<code>{escape(line)}</code>"
    full = json.dumps(simple(value), ensure_ascii=False, indent=1)[:20_000]
    return f"<details><summary><code>{escape(line[:80])}…</code></summary><pre>{escape(full)}</pre></details>"
