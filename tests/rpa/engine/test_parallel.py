"""Branches run as processes of their own; a called flow checks what it is given; both tell their failures."""

from __future__ import annotations

from tests.rpa.engine.conftest import Rpa

DOUBLE = """flow: double
inputs:
  amount: {type: money}
steps:
  - data.assert: {that: "${inputs.amount > 0}", code: not-positive, message: "It is ${inputs.amount}."}
outputs:
  twice: "${inputs.amount * 2}"
"""
BOTH = """flow: both
inputs:
  amount: {type: money}
steps:
  - id: all
    parallel:
      left:
        - id: read
          files.read: inbox/a.txt
      right:
        - id: doubled
          call: double
          with: {amount: "${inputs.amount}"}
  - data.assert: {that: "${read == 'first'}", message: "${read}"}
outputs:
  twice: "${all.right.doubled.twice}"
"""


def flows(rpa: Rpa) -> None:
    for name, text in (("double", DOUBLE), ("both", BOTH)):
        (rpa.folder / "flows" / f"{name}.yaml").write_text(text)


def test_branches_in_processes_of_their_own_give_their_outputs(rpa: Rpa) -> None:
    flows(rpa)
    code, run = rpa("run", "both", "-i", "amount=2.50")
    assert (code, run["status"], run["outputs"]) == (0, "succeeded", {"twice": "5.00"})


def test_a_failure_of_a_called_flow_in_a_branch_keeps_its_kind_and_code(rpa: Rpa) -> None:
    flows(rpa)
    code, run = rpa("run", "both", "-i", "amount=-1")
    (item,) = run["items"]
    assert (code, item["status"], item["failure"]["code"]) == (1, "failed_business", "not-positive")
