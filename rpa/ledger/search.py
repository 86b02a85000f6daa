"""Finding runs by text and by code, among millions.

What is frequent is met among the newest runs: each of those is asked (`of_run`). What is not is looked up by its index
(`ids`): where it is rare its few runs are the answer, and what lies between costs more, the more there is of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    and_,
    column,
    exists,
    false,
    literal_column,
    or_,
    select,
    table,
    text,
    union_all,
)

from rpa.ledger import records as t

FEW, NEWEST = 200, 2000
_TRIGRAM = 3
_MOST_TERMS = 400
WORDS = ("item_words", "failure_words")


def is_index_table(name: str) -> bool:
    """Whether this is a table that SQLite keeps for an index of words: no part of the ledger's rows."""
    return name.startswith(WORDS)


@dataclass(frozen=True, slots=True)
class Sought:
    """One condition on runs, said in two ways: quick for a given run, and quick over all of them."""

    of_run: Any
    ids: Callable[[], Any]

    def anywhere(self, c: Connection) -> Any:
        """The condition over all runs; with its runs looked up already when they are few."""
        ids = self.ids()
        found = c.execute(ids.limit(FEW)).scalars().all()
        return t.run.c.id.in_(set(found) if len(found) < FEW else ids)


def saying(c: Connection, wanted: str) -> Sought:
    """`wanted` begins the run's id, or stands anywhere in its flow, who started it, its reason, the message of a
    failure or the key of an item; or it is the code of a failure."""
    return Sought(or_(*_own(c, wanted), *_below(c, wanted)), lambda: _ids_saying(c, wanted))


def _ids_saying(c: Connection, wanted: str) -> Any:
    f = t.failure.c
    keys = _with_words(c, t.item, t.item.c.key, t.run_item, t.run_item.c.item_id, wanted)
    messages = _with_words(c, t.failure, f.message, t.failure, f.id, wanted)
    coded = select(f.run_id).where(f.code == wanted)
    r = t.run.alias("one").c
    return union_all(*(select(r.id).where(part) for part in _own(c, wanted, r)), keys, messages, coded)


def failed_with(code: str) -> Sought:
    """A failure of the run had that code, or it ended for that reason."""
    f, r, ended, told = t.failure.c, t.run.c, t.run.alias("ended").c, t.failure.alias("coded").c
    ids = union_all(select(f.run_id).where(f.code == code), select(ended.id).where(ended.reason == code))
    of_run = or_(r.reason == code, exists().where(told.run_id == r.id, told.code == code))
    return Sought(of_run, lambda: ids)


def _below(c: Connection, wanted: str) -> list[Any]:
    """Whether a given run has such a failure or item."""
    r, f, i, ri = t.run.c, t.failure.alias("told").c, t.item.alias("known").c, t.run_item.alias("had").c
    told = exists().where(f.run_id == r.id, or_(_holds(c, f.message, wanted), f.code == wanted))
    keyed = exists().where(ri.run_id == r.id, i.id == ri.item_id, _holds(c, i.key, wanted))
    return [told, keyed]


def _own(c: Connection, wanted: str, run: Any = None) -> list[Any]:
    """Conditions on columns of the run itself, each answered by an index. Flows, people and reasons are few
    different ones among however many runs."""
    r = t.run.c if run is None else run
    flows = select(t.flow_revision.c.flow_id).distinct().where(_holds(c, t.flow_revision.c.flow_id, wanted))
    found = [(r.flow_id, list(c.execute(flows).scalars()))]
    found += [(one, _different(c, one, wanted)) for one in (r.actor, r.reason)]
    return [id_begins(c, wanted, r), *(one == value for one, values in found for value in values)]


def id_begins(c: Connection, wanted: str, run: Any = None) -> Any:
    """A condition on runs: the id begins so, answered by the index."""
    r = t.run.c if run is None else run
    if c.dialect.name == "sqlite":
        return and_(r.id >= wanted, r.id < wanted + "~")
    return r.id.startswith(wanted, autoescape=True)


def _different(c: Connection, one: Any, wanted: str) -> list[str]:
    """The different values of an indexed column of runs that hold the text, by jumping from one to the next."""
    name = one.name
    least = f"SELECT min({name}) FROM run WHERE {name} IS NOT NULL"
    walk = text(
        f"WITH RECURSIVE met(value) AS ({least} UNION ALL SELECT ({least} AND {name} > met.value) FROM met "
        "WHERE met.value IS NOT NULL) SELECT value FROM met WHERE value IS NOT NULL"
    )
    return [str(value) for value in c.execute(walk).scalars() if wanted.casefold() in str(value).casefold()]


def _with_words(c: Connection, of: Table, said: Any, led: Table, by: Any, wanted: str) -> Any:
    """Ids of runs to which rows of `led` lead, whose column `by` names a row of `of` that says `wanted`. A join, so
    that the first few come without the rest. PostgreSQL's index needs a trigram; ours also knows words of two."""
    phrase = _phrase(c, of, wanted) if c.dialect.name == "sqlite" else None
    if phrase is not None:
        words = table(f"{of.name}_words", column("rowid"))
        says, row = literal_column(words.name).op("MATCH")(phrase), words.c.rowid
        return select(led.c.run_id).select_from(words.join(led, by == row)).where(says)
    rows = led if led is of else of.join(led, by == of.c.id)
    return select(led.c.run_id).select_from(rows).where(_holds(c, said, wanted))


def _phrase(c: Connection, of: Table, wanted: str) -> str | None:
    """What to ask the index of words; None where it does not help. A shorter word stands at the beginning of trigrams
    (end marks stand behind each text, so that this holds at its end too)."""
    if len(wanted) >= _TRIGRAM:
        return _quoted(wanted)
    begin = wanted.lower()
    terms = text(f"SELECT term FROM {of.name}_words_terms WHERE term >= :begin AND term < :end LIMIT {_MOST_TERMS}")
    found = list(c.execute(terms, {"begin": begin, "end": begin + "\U0010ffff"}).scalars())
    if len(found) == _MOST_TERMS:
        return None  # one letter or two that stand everywhere: among the newest runs they are met at once
    return " OR ".join(map(_quoted, found or [begin]))


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'


def _holds(c: Connection, said: Any, wanted: str) -> Any:
    """SQLite's LIKE passes over case by itself, as far as its lower() would; asked in vain it costs half."""
    if not wanted:
        return false()
    holds = said.contains if c.dialect.name == "sqlite" else said.icontains
    return holds(wanted, autoescape=True)
