
"""What a flow means: names and types through every construct, blocks, files and secrets; and how fast that is."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bots.catalog import catalog
from flows.check import secret_names
from flows.diagnostics import Diagnostic, render, to_json, width
from flows.lint import attempts_at_most, wait_total
from flows.loader import load
from tests.flows.fakes import CATALOG

CORPUS = Path(__file__).parents[1] / "corpus"
HEAD = "flow: x\nitems:\n  from: {files: 'in/*.pdf'}\nsteps:\n"
BILL = HEAD + "  - id: bill\n    document.extract: {file: '${item.path}', doctype: invoice}\n"


def found(text: str) -> list[Diagnostic]:
    return load(text, catalog=CATALOG, library=CORPUS / "library").diagnostics


def codes(text: str) -> list[str]:
    return [d.code for d in found(text)]


def of_line(text: str, line: str) -> list[str]:
    return codes(text + line + "\n")


def test_a_target_may_be_a_text_that_only_the_run_knows() -> None:
    text = HEAD + "  - browser.click: %s\n"
    for given in ("'${item.name}'", "'Bill ${item.name}'", "{target: '${item.name}'}", "{target: {in: '${item.name}', text: x}}"):
        assert codes(text % given) == [], given
    assert codes(text % "'${items.all}'") == ["parameter-type"]


@pytest.mark.parametrize(
    "expression",
    ["bill.fields.total", "bill['fields'].total", "bill.lines[0].amount", "bill.lines | first", "(bill.lines | last).amount",
     "bill.fields.issue_date.year", "sum(bill.lines, 'amount')", "bill.lines[1:3][0].description",
     "bill.fields.total * 2 > 5", "bill.fields.net + bill.fields.total", "bill.fields.issue_date + days(3)",
     "item.name ~ item.size", "bill.fields.total | default(0)", "run.now.hour", "today().month", "items.all"],
)  # fmt: skip
def test_what_is_known_passes(expression: str) -> None:
    assert of_line(BILL, f'  - data.set: "${{{expression}}}"') == []


@pytest.mark.parametrize(
    ("expression", "code", "near"),
    [
        ("bill.fields.totl", "part-unknown", "total"), ("bill['fields'].totl", "part-unknown", "total"),
        ("bill.lines[0].amont", "part-unknown", "amount"), ("first(bill.lines).amont", "part-unknown", "amount"),
        ("(bill.lines | sorted('amount') | first).amont", "part-unknown", "amount"),
        ("bill.lines.amount", "part-of-scalar", ""), ("bill.fields.issue_date.yaer", "part-unknown", "year"),
        ("bill.fields.totl | default(0)", "part-unknown", "total"), ("bil.fields", "name-unknown", "bill"),
        ("item.pth", "part-unknown", "path"), ("run.prfile", "part-unknown", "profile"),
        ("items.suceeded", "part-unknown", "succeeded"), ("bill.fields.supplier + 1", "operands-differ", ""),
        ("bill.fields.issue_date < 'x'", "operands-differ", ""), ("bill.lines > 3", "operands-differ", ""),
        ("item.size.x", "part-of-scalar", ""), ("line.amount", "name-unknown", ""),
    ],
)  # fmt: skip
def test_what_is_known_to_be_wrong(expression: str, code: str, near: str) -> None:
    problems = found(BILL + f'  - data.set: "${{{expression}}}"\n')
    assert [(d.code, d.near) for d in problems] == [(code, near)]
    assert problems[0].mark.line == 7


def test_types_pass_through_review_and_set() -> None:
    more = "  - id: checked\n    review.ask: '${bill}'\n  - id: again\n    data.set: '${checked}'\n"
    assert of_line(BILL + more, "  - data.log: '${again.fields.total} ${checked.reviewed}'") == []
    assert of_line(BILL + more, "  - data.log: '${again.fields.totl}'") == ["part-unknown"]
    assert of_line(BILL + more, "  - data.log: '${checked.revewed}'") == ["part-unknown"]


def test_a_doctype_that_is_not_literal_types_nothing() -> None:
    text = BILL.replace("doctype: invoice", "doctype: '${run.profile}'")
    assert of_line(text, "  - data.log: '${bill.fields.whatever}'") == []


def test_loop_results_are_typed_and_nothing_else_leaks() -> None:
    loop = "  - id: rows\n    for_each: {in: '${bill.lines}', as: line}\n    do:\n      - id: one\n        data.set: '${line.amount}'\n"
    assert of_line(BILL + loop, "  - data.log: '${rows.results[0].one}'") == []
    assert of_line(BILL + loop, "  - data.log: '${rows.results[0].two}'") == ["part-unknown"]
    assert of_line(BILL + loop, "  - data.log: '${one}'") == ["step-not-run-yet"]
    assert of_line(BILL + loop, "  - data.log: '${line}'") == ["name-unknown"]
    assert of_line(
        BILL + loop, "    outputs: {a: '${one}'}\n  - data.log: '${rows.results[0].a} ${rows.result}'"
    ) == ["part-unknown"]


def test_branches_know_their_own_names_and_the_rest_sees_both() -> None:
    branch = "  - if: item.size > 3\n    then:\n      - id: a\n        data.set: 1\n    else:\n      - id: {0}\n        data.set: {1}\n"
    assert of_line(HEAD + branch.format("b", "x"), "  - data.log: '${a} ${b}'") == []
    assert of_line(HEAD + branch.format("a", "2"), "  - data.log: '${a + 1}'") == []
    assert of_line(HEAD + branch.format("b", "${a}"), "  - data.log: '${b}'") == ["step-not-run-yet"]


def test_a_catch_sees_the_failure_and_nobody_else_does() -> None:
    text = (
        HEAD
        + "  - try:\n      - browser.open: x\n    catch:\n      - do:\n          - data.log: '${failure.cod}'\n"
    )
    assert codes(text) == ["part-unknown"]
    assert of_line(text.replace(".cod", ".code"), "  - data.log: '${failure.code}'") == ["name-unknown"]


def test_session_steps_are_not_seen_by_items() -> None:
    text = "flow: x\nsession:\n  ready: {text: a}\n  steps:\n    - id: s\n      data.set: 1\nsteps:\n  - data.log: '${s}'\n"
    assert codes(text) == ["step-not-run-yet"]


def test_outputs_of_a_flow_with_items_see_no_step() -> None:
    assert codes(BILL + "outputs:\n  n: '${bill.fields.total}'\n") == ["step-not-run-yet"]
    assert codes("flow: x\nsteps:\n  - id: a\n    data.set: 1\noutputs:\n  n: '${a}'\n") == []


def test_called_flows() -> None:
    text = (
        "flow: x\nsteps:\n  - id: hi\n    call: greet\n    with: {name: Kim}\n  - data.log: '${hi.greting}'\n"
    )
    assert codes(text) == ["part-unknown"]
    bad = {"inner": "flow: inner\nsteps:\n  - data.lgo: x\n"}
    loaded = load("flow: x\nsteps:\n  - call: inner\n", catalog=CATALOG, resolve_call=bad.get)
    assert [(d.code, d.mark.file, d.line) for d in loaded.diagnostics] == [
        ("unknown-action", "inner", "  - data.lgo: x")
    ]


def test_cycles_over_several_flows() -> None:
    texts = {"a": "flow: a\nsteps:\n  - call: b\n", "b": "flow: b\nsteps:\n  - call: a\n"}
    loaded = load(texts["a"], catalog=CATALOG, resolve_call=texts.get)
    assert "call-cycle" in [d.code for d in loaded.diagnostics]


def test_secrets_of_inputs_are_secrets() -> None:
    text = "flow: x\ninputs: {pw: secret}\nsteps:\n  - data.log: '${inputs.pw}'\n"
    assert codes(text) == ["secret-not-allowed"]


def test_numbers_and_dates_may_stand_for_texts() -> None:
    assert (
        of_line(
            BILL,
            "  - data.log: 5\n  - data.log: '${bill.fields.total}'\n  - data.log: 1.50\n  - data.log: true",
        )
        == []
    )


def test_a_mapping_may_be_the_main_parameter() -> None:
    assert codes("flow: x\nsteps:\n  - browser.click: {role: button, name: Next}\n") == []
    assert codes("flow: x\nsteps:\n  - data.set: {a: 1, b: 2}\n") == []
    assert codes("flow: x\nsteps:\n  - browser.click: {target: Next, cont: 2}\n") == ["parameter-unknown"]


def test_parts_of_parameters_are_placed() -> None:
    problems = found(
        "flow: x\nsteps:\n  - browser.click:\n      target:\n        in: {rol: dialog}\n        name: '${run.id}'\n"
    )
    assert [(d.code, d.mark.line, d.mark.column, d.near) for d in problems] == [
        ("parameter-part-unknown", 5, 14, "role")
    ]


def test_secrets_and_files_of_this_machine(tmp_path: Path) -> None:
    text = "flow: x\nsecrets: [a, b]\ninputs:\n  f: {type: file, default: there.csv}\nsteps:\n" \
        "  - mail.login: {user: '${inputs.f}', password: '${secrets.a}'}\n" \
        "  - mail.login: {user: me, password: '${secrets.b}'}\n"  # fmt: skip
    kept = load(text, catalog=CATALOG, project=tmp_path, has_secret=lambda name: name == "a").diagnostics
    assert [(d.code, d.details["name"]) for d in kept] == [("secret-not-set", "b"), ("path-not-there", "f")]
    (tmp_path / "there.csv").touch()
    kept = load(text, catalog=CATALOG, project=tmp_path, has_secret=lambda _: True).diagnostics
    assert kept == []


def test_the_source_of_items_is_looked_for(tmp_path: Path) -> None:
    for source, there in (
        ("{rows: in/a.csv}", "in/a.csv"),
        ("{rows: {file: in/a.csv}}", "in/a.csv"),
        ("{files: 'in/*.pdf'}", "in"),
    ):
        text = f"flow: x\nitems:\n  from: {source}\n  key: '${{item.key}}'\nsteps:\n  - data.log: x\n"
        folder = tmp_path / str(len(source))
        folder.mkdir()
        kept = load(text, catalog=CATALOG, project=folder).diagnostics
        assert [(d.code, d.details["path"]) for d in kept] == [("path-not-there", there)]
        (folder / "in").mkdir()
        (folder / "in" / "a.csv").touch()
        assert load(text, catalog=CATALOG, project=folder).diagnostics == []


def test_retries_are_multiplied_through_groups() -> None:
    text = "flow: x\nsteps:\n  - do:\n      - do:\n          - browser.open: x\n            retry: 4\n        retry: 3\n    retry: 2\n"
    stacked = [d for d in found(text) if d.code == "retries-stacked"]
    assert [d.details["product"] for d in stacked] == [24, 6] or [d.details["product"] for d in stacked] == [
        6,
        24,
    ]
    flow = load(text, catalog=CATALOG).flow
    assert flow is not None
    assert attempts_at_most(flow) == 24
    assert wait_total(flow.steps[0]).total_seconds() == 1


def test_secret_names_of_called_flows() -> None:
    texts = {"b": "flow: b\nsecrets: [two]\nsteps:\n  - mail.login: {user: a, password: '${secrets.two}'}\n"}
    text = "flow: a\nsecrets: [one]\nsteps:\n  - mail.login: {user: a, password: '${secrets.one}'}\n  - call: b\n"
    flow = load(text, catalog=CATALOG, resolve_call=texts.get).flow
    assert flow is not None and list(secret_names(flow)) == ["one", "two"]


# ── rendering ──
def test_the_caret_stands_under_wide_letters() -> None:
    problems = found("flow: x\nsteps:\n  - data.log: '한글 ${값}'\n")
    line, caret = render(problems).split("\n")[1:3]
    assert width(line[: line.index("값")]) == caret.index("^")
    assert caret.count("^") == 2


def test_the_report_for_programs() -> None:
    (one,) = to_json(found("flow: x\nsteps:\n  - data.lgo: x\n"))["diagnostics"]
    assert one == {
        "code": "unknown-action", "severity": "error", "file": "flow.yaml", "line": 3, "column": 5, "length": 8,
        "message": "There is no action data.lgo.", "near": "data.log", "source": "  - data.lgo: x",
        "fix": "Did you mean data.log? `rpa actions` lists them all.",
    }  # fmt: skip


# ── speed ──
def many_steps(count: int) -> str:
    steps = [
        f"  - id: s{n}\n    browser.fill: {{target: {{label: Field {n}}}, text: \"${{item.name | upper}} {n}\"}}\n"
        f"  - data.set: \"${{s{n}}}\"\n"
        for n in range(count // 2)
    ]  # fmt: skip
    return HEAD + "".join(steps)


@pytest.mark.parametrize(("count", "bar"), [(200, 0.5), (2000, 3.0)])
def test_it_is_fast(count: int, bar: float) -> None:
    actions = catalog()
    load(many_steps(2), catalog=actions)
    best = min(_seconds(many_steps(count), actions) for _ in range(3))
    assert best < bar


def _seconds(text: str, actions: object) -> float:
    began = time.process_time()
    assert load(text, catalog=actions).diagnostics == []  # type: ignore[arg-type]
    return time.process_time() - began
