"""Test cases of a flow: recorded inputs, fakes for what bots would do, what must come out.

They stand in `tests/<flow>.yaml` of a project:

    test: enter_vendor_bills            # the flow
    now: 2026-11-20T09:00               # the frozen time of every case
    cases:
      - name: A clean bill is posted
        inputs: {erp_url: "http://erp.test"}
        items: [{name: a.pdf, path: samples/a.pdf}]       # instead of the flow's own source
        actions:                                          # the first that fits answers
          - document.extract: {file: "samples/*.pdf"}     # parameters that must fit; * is anything
            gives: {fields: {invoice_number: "4711"}, lines: [], needs_review: false}
          - browser.exists:
            gives: false
          - browser.click: {target: {name: Save}}
            fails: {kind: application, code: target-missing}
        files: {rates.csv: "currency,rate\nUSD,1.1\n", samples/a.pdf: {copy: samples/a.pdf}}
        sees: [{text: Bill saved}]                        # conditions that hold: `ready`, `expect`
        expect:
          status: succeeded                               # of the run
          items: {a.pdf: succeeded}                       # by key or name
          outputs: {posted: 1}
          writes: [{what: vendor_bill}]                   # each must be among the writes
          done: [browser.click]                           # actions that were performed, in this order
          failure: duplicate-bill                         # code of an item's or the run's failure
          files: {out/list.csv: [{number: "4711"}]}       # rows of a table, a text with *, or null: not there

The runner hands `fake_catalog` to the engine in place of the real one, and `FakeBot` for every bot. A case runs
in an empty folder with its `files`; what works on files there (`files.…`, `tables.…`) and what acts on nothing
(`data.…`) is real unless it is faked. Nothing is fetched or sent: actions on a screen or outside do nothing; one
that must give something and has no fake fails with `fake-missing`.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, ClassVar

from flows.action import ActionSpec, Catalog
from flows.data import plain, simple
from flows.diagnostics import Diagnostic, with_lines
from flows.document import Node, compose
from flows.failures import FAILURES, Failure, FlowFailure
from flows.marks import NOWHERE, Mark
from flows.shape import Reader, listing, nearest

TOP = ("test", "now", "cases")
CASE_KEYS = ("name", "inputs", "secrets", "items", "actions", "files", "sees", "expect", "now")
EXPECT_KEYS = ("status", "items", "outputs", "writes", "done", "failure", "files")
FAKE_KEYS = ("gives", "fails")
REMOTE = ("http", "mail", "notify")  # reach other machines: never in a test, even to look


@dataclass(frozen=True)
class Fake:
    """What an action answers when its parameters fit `when`: a value, or a failure."""

    action: str
    when: Mapping[str, Any]
    gives: Any = None
    fails: Mapping[str, str] | None = None
    mark: Mark = NOWHERE

    def fits(self, action: str, params: Mapping[str, Any]) -> bool:
        return action == self.action and fits(self.when, params)

    def answer(self) -> Any:
        """The value. Raises the failure it stands for."""
        if self.fails is not None:
            kind: type[Failure] = FAILURES[self.fails["kind"]]  # type: ignore[index]
            raise kind(self.fails["code"], self.fails.get("message", ""))
        return self.gives


@dataclass(frozen=True)
class Case:
    """One test case. `items` None: the flow's own source is asked."""

    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    items: tuple[Mapping[str, Any], ...] | None = None
    fakes: tuple[Fake, ...] = ()
    sees: tuple[Any, ...] = ()
    expect: Mapping[str, Any] = field(default_factory=dict)
    now: datetime | None = None
    files: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark = NOWHERE


@dataclass(frozen=True)
class FlowTest:
    """All cases of one flow."""

    flow: str
    cases: tuple[Case, ...]


@dataclass
class Performed:
    """What the fakes were asked, in order: (action, parameters as people read them)."""

    actions: list[tuple[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """What a run of a case did; the runner fills it from the ledger. `told` are its failures as sentences,
    `names` the items' statuses by name."""

    status: str
    items: Mapping[str, str]
    outputs: Mapping[str, Any]
    writes: tuple[Mapping[str, Any], ...]
    done: tuple[str, ...]
    failures: tuple[str, ...]
    files: Mapping[str, Any] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """One expectation that was not met: `what` is its name (`outputs.posted`)."""

    what: str
    expected: Any
    found: Any


# ── fakes ──
def fits(wanted: Any, given: Any) -> bool:
    """Whether `given` has everything of `wanted`: mappings by their keys, lists whole, texts with * for
    anything."""
    if isinstance(wanted, Mapping):
        return isinstance(given, Mapping) and all(k in given and fits(v, given[k]) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(given, list) and len(wanted) == len(given) and all(map(fits, wanted, given))
    if isinstance(wanted, str):
        return fnmatchcase(str(simple(given)), wanted.replace("[", "[[]"))
    return bool(plain(given) == wanted)


def fake_catalog(catalog: Catalog, case: Case, performed: Performed, real: Iterable[str] = ()) -> Catalog:
    """The same actions with the same declarations, answered by the case's fakes. `real` are families that work
    for real although they change files (in the case's own folder)."""
    families = frozenset(real)
    return Catalog(
        replace(spec, function=_faked(spec, case, performed, families)) for spec in catalog.values()
    )


def _works(spec: ActionSpec, real: frozenset[str]) -> bool:
    harmless = spec.bot is None and spec.acts == "nothing" and spec.family not in REMOTE
    return harmless or spec.family in real


def _faked(spec: ActionSpec, case: Case, performed: Performed, real: frozenset[str]) -> Callable[..., Any]:
    @functools.wraps(spec.function)
    def fake(*injected: Any, **params: Any) -> Any:
        given = {name.rstrip("_"): _readable(value) for name, value in params.items()}
        performed.actions.append((spec.name, given))
        for one in case.fakes:
            if one.fits(spec.name, given):
                return _recorded(spec, case, given, one.answer())
        if _works(spec, real):
            return spec.function(*injected, **params)
        if spec.returns in (None, type(None)) or spec.acts == "outside":
            return None
        raise FlowFailure("fake-missing", details={"action": spec.name, "case": case.name})

    return fake


def _recorded(spec: ActionSpec, case: Case, given: Mapping[str, Any], value: Any) -> Any:
    """What a fake gives, with the types that the action's outputs declare: a date that is written as text
    becomes a date. Raises FlowFailure `fake-invalid`."""
    if spec.outputs_of is None or not isinstance(value, Mapping):
        return value
    try:
        return _as_declared(value, spec.outputs_of({**given, "doctype": value.get("doctype", given.get("doctype"))}))
    except ValueError as error:
        details = {"action": spec.name, "case": case.name, "reason": str(error)}
        raise FlowFailure("fake-invalid", str(error), details=details) from None


def _as_declared(value: Any, kind: Any) -> Any:
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    if typing.is_typeddict(kind) and isinstance(value, Mapping):
        parts = kind.__annotations__
        return {name: _as_declared(one, parts.get(name, Any)) for name, one in value.items()}
    if typing.get_origin(kind) is list and isinstance(value, list):
        return [_as_declared(one, typing.get_args(kind)[0]) for one in value]
    return value


def _readable(value: Any) -> Any:
    """A parameter as the author wrote it: a model's own parts only."""
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(by_alias=True, exclude_defaults=True))
    return plain(value)


class FakeBot:
    """Stands for a bot of any name: shows what the case says is seen."""

    bot_name: ClassVar[str] = "fake"

    def __init__(self, case: Case) -> None:
        self.case = case

    def open(self, ctx: Any) -> None:
        """Nothing to start."""

    def close(self) -> None:
        """Nothing to end."""

    def reset(self) -> None:
        """Nothing to forget."""

    def mark(self) -> None:
        """Nothing passes by."""

    def settle(self) -> None:
        """Nothing to tidy."""

    def evidence(self, secrets: Iterable[str]) -> list[Any]:
        """There is nothing to see of a fake."""
        return []

    def sees(self, condition: Mapping[str, Any]) -> bool:
        """Whether the case lists a condition that fits."""
        return any(fits(seen, condition) or fits(condition, seen) for seen in self.case.sees)


# ── what must come out ──
def differences(expected: Mapping[str, Any], result: Result) -> list[Difference]:
    """Every expectation of a case that its run did not meet."""
    return list(_differences(expected, result))


def _differences(expected: Mapping[str, Any], result: Result) -> Iterator[Difference]:
    if "status" in expected and expected["status"] != result.status:
        yield Difference("status", expected["status"], result.status)
    files = {name: _as_text(value) for name, value in result.files.items()}
    items = {**result.names, **result.items}
    for group, found in (("items", items), ("outputs", result.outputs), ("files", files)):
        for name, wanted in (expected.get(group) or {}).items():
            meant = _as_text(wanted) if group == "files" else wanted
            if name not in found or not _is(meant, found[name]):
                yield Difference(f"{group}.{name}", wanted, found.get(name))
    for wanted in expected.get("writes") or ():
        if not any(fits(wanted, one) for one in result.writes):
            yield Difference("writes", wanted, list(result.writes))
    if "done" in expected and not _in_order(expected["done"], result.done):
        yield Difference("done", expected["done"], list(result.done))
    if "failure" in expected and not _failed_as(expected["failure"], result.failures):
        yield Difference("failure", expected["failure"], list(result.failures))


def _is(wanted: Any, found: Any) -> bool:
    return found is None if wanted is None else found is not None and fits(wanted, found)


def _as_text(tree: Any) -> Any:
    """Cells of tables compare as text: a CSV file knows no numbers."""
    if isinstance(tree, Mapping):
        return {k: _as_text(v) for k, v in tree.items()}
    if isinstance(tree, list):
        return [_as_text(v) for v in tree]
    return tree if tree is None else str(simple(tree))


def _in_order(wanted: Iterable[str], found: Iterable[str]) -> bool:
    """Whether `wanted` stand in `found` in this order, others between them."""
    rest = iter(found)
    return all(any(one == other for other in rest) for one in wanted)


def _failed_as(wanted: str | None, found: tuple[str, ...]) -> bool:
    return not found if wanted is None else wanted in found


# ── the file ──
def load_tests(path_or_text: Path | str, *, catalog: Catalog) -> tuple[FlowTest | None, list[Diagnostic]]:
    """A test file and everything that is wrong with it."""
    is_path = isinstance(path_or_text, Path)
    name = path_or_text.name if isinstance(path_or_text, Path) else "tests.yaml"
    text = path_or_text.read_text("utf-8") if isinstance(path_or_text, Path) else path_or_text
    node, problems = compose(text, name)
    if node is None or node.is_null:
        return None, with_lines(problems or [Diagnostic("test-empty", Mark(name, 1, 1))], {name: text})
    reader = _TestReader(catalog)
    made = reader.test(node, Path(name).stem if is_path else "")
    return made, with_lines([*problems, *reader.problems], {name: text})


class _TestReader(Reader):
    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self.catalog = catalog

    def test(self, node: Node, stem: str) -> FlowTest:
        top = self.mapping(node, TOP, "tests")
        flow = self.text(top.get("test"), "test", stem)
        if not flow:
            self.complain("test-flow-missing", node.mark)
        now = self._moment(top.get("now"))
        cases = tuple(self._case(one, now) for one in self.items(top.get("cases"), "cases"))
        if not cases:
            self.complain("test-empty", node.mark)
        return FlowTest(flow, cases)

    def _moment(self, node: Node | None) -> datetime | None:
        if node is None or node.is_null:
            return None
        try:
            return datetime.fromisoformat(str(node.value))
        except ValueError:
            self.complain("test-now-invalid", node.mark, value=str(node.value)[:40])
            return None

    def _case(self, node: Node, now: datetime | None) -> Case:
        entries = self.mapping(node, CASE_KEYS, "cases")
        items = entries.get("items")
        return Case(
            self.text(entries.get("name"), "name", f"line {node.mark.line}"),
            self._plain(entries.get("inputs")),
            self._plain(entries.get("secrets")),
            tuple(one.plain() for one in self.items(items, "items")) if items is not None else None,
            tuple(f for f in map(self._fake, self.items(entries.get("actions"), "actions")) if f),
            tuple(one.plain() for one in self.items(entries.get("sees"), "sees")),
            {k: v.plain() for k, v in self.mapping(entries.get("expect"), EXPECT_KEYS, "expect").items()},
            self._moment(entries.get("now")) or now,
            self._plain(entries.get("files")),
            node.mark,
        )

    def _plain(self, node: Node | None) -> dict[str, Any]:
        return {p.key: p.node.plain() for p in self.pairs(node, "inputs")} if node else {}

    def _fake(self, node: Node) -> Fake | None:
        actions = [p for p in node.pairs if p.key not in FAKE_KEYS]
        if len(actions) != 1:
            self.complain("test-fake-shape", node.mark)
            return None
        pair = actions[0]
        if pair.key not in self.catalog:
            self.complain("unknown-action", pair.mark, near=nearest(pair.key, self.catalog), name=pair.key)
            return None
        spec = self.catalog[pair.key]
        bare = pair.node.kind != "map"
        when = (
            {} if pair.node.is_null else {spec.main or "": pair.node.plain()} if bare else pair.node.plain()
        )
        for name in when:
            if name not in spec.model.model_fields:
                fields = list(spec.model.model_fields)
                known, near = listing(fields, name), nearest(name, fields)
                self.complain(
                    "parameter-unknown", pair.mark, near=near, name=name, action=spec.name, known=known
                )
        gives = node.get("gives")
        return Fake(
            pair.key, when, gives.plain() if gives else None, self._failure(node.get("fails")), pair.mark
        )

    def _failure(self, node: Node | None) -> dict[str, str] | None:
        if node is None:
            return None
        entries = self.mapping(node, ("kind", "code", "message"), "fails")
        kind = self.choice(entries.get("kind"), "kind", tuple(FAILURES), "application")
        code = self.text(entries.get("code"), "code", "failed")
        return {"kind": kind, "code": code, "message": self.text(entries.get("message"), "message")}
