"""Finding runs by text and by code, among millions.

What is rare is looked up by its index, and the runs it belongs to are the candidates. What is frequent is soon met
by going through the runs, newest first. `MANY` parts the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, column, exists, false, literal_column, or_, select, table, text

from rpa.ledger import records as t

MANY = 5000
_TRIGRAM = 3
WORDS = ("item_words", "failure_words")


def is_index_table(name: str) -> bool:
    """Whether this is a table that SQLite keeps for an index of words: no part of the ledger's rows."""
    return name.startswith(WORDS)


def saying(c: Connection, wanted: str) -> Any:
    """A condition on runs: `wanted` begins the run's id, or stands anywhere in its flow, who started it, its
    reason, the message of a failure or the key of an item; or it is the code of a failure."""
    f, i, ri = t.failure.c, t.item.c, t.run_item.c
    own = _own(c, wanted)
    keys = select(ri.run_id).where(ri.item_id.in_(_with_words(c, t.item, i.key, wanted)))
    messages = select(f.run_id).where(f.id.in_(_with_words(c, t.failure, f.message, wanted)))
    coded = select(f.run_id).where(f.code == wanted)
    few = _few(c, [*(select(t.run.c.id).where(part) for part in own), keys, messages, coded])
    if few is not None:
        return t.run.c.id.in_(few)
    return or_(*own, *_of_run(wanted))


def failed_with(c: Connection, code: str) -> Any:
    """A condition on runs: a failure of the run had that code, or it ended for that reason."""
    f, r = t.failure.c, t.run.c
    few = _few(c, [select(f.run_id).where(f.code == code), select(r.id).where(r.reason == code)])
    if few is not None:
        return r.id.in_(few)
    told = t.failure.alias("coded").c
    return or_(r.reason == code, exists().where(told.run_id == r.id, told.code == code))


def _few(c: Connection, queries: Iterable[Select[Any]]) -> Sequence[str] | None:
    """The runs that the queries find together; None when they are many."""
    found: set[str] = set()
    for query in queries:
        found.update(c.execute(query.limit(MANY)).scalars())
        if len(found) >= MANY:
            return None
    return sorted(found)


def _of_run(wanted: str) -> list[Any]:
    """Whether a given run has such a failure or item: cheap for one run, not for all."""
    r, f, i, ri = t.run.c, t.failure.alias("told").c, t.item.alias("known").c, t.run_item.alias("had").c
    told = exists().where(f.run_id == r.id, or_(_holds(f.message, wanted), f.code == wanted))
    keyed = exists().where(ri.run_id == r.id, i.id == ri.item_id, _holds(i.key, wanted))
    return [told, keyed]


def _own(c: Connection, wanted: str) -> list[Any]:
    """Conditions on columns of the run itself, each answered by an index. Flows, people and reasons are few
    different ones among however many runs."""
    r = t.run.c
    flows = select(t.flow_revision.c.flow_id).distinct().where(_holds(t.flow_revision.c.flow_id, wanted))
    found = [(r.flow_id, list(c.execute(flows).scalars()))]
    found += [(one, _different(c, one, wanted)) for one in (r.actor, r.reason)]
    return [id_begins(c, wanted), *(one == value for one, values in found for value in values)]


def id_begins(c: Connection, wanted: str) -> Any:
    """A condition on runs: the id begins so, answered by the index."""
    r = t.run.c
    if c.dialect.name == "sqlite":
        return and_(r.id >= wanted, r.id < wanted + "~")
    return r.id.startswith(wanted, autoescape=True)


def _different(c: Connection, one: Any, wanted: str) -> list[str]:
    """The different values of an indexed column of runs that hold the text, by jumping from one to the next."""
    name = one.name
    least = f"SELECT min({name}) FROM run"
    walk = text(
        f"WITH RECURSIVE met(value) AS ({least} UNION ALL SELECT ({least} WHERE {name} > met.value) FROM met "
        "WHERE met.value IS NOT NULL) SELECT value FROM met WHERE value IS NOT NULL"
    )
    return [str(value) for value in c.execute(walk).scalars() if wanted.casefold() in str(value).casefold()]


def _with_words(c: Connection, of: Any, said: Any, wanted: str) -> Any:
    """Ids of rows whose text holds `wanted`. Shorter than a trigram, no index helps."""
    if c.dialect.name != "sqlite" or len(wanted) < _TRIGRAM:
        return select(of.c.id).where(_holds(said, wanted))
    words = table(f"{of.name}_words", column("rowid"))
    phrase = '"' + wanted.replace('"', '""') + '"'
    return select(words.c.rowid).where(literal_column(words.name).op("MATCH")(phrase))


def _holds(said: Any, wanted: str) -> Any:
    return said.icontains(wanted, autoescape=True) if wanted else false()
