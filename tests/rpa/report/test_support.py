"""A support bundle tells what happened and nothing of what it was about."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from rpa.report.story import run_story
from rpa.report.support import bundle_data, redacted, write_bundle
from tests.rpa.report.conftest import SECRET, Told


def test_no_value_name_or_picture_leaves(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    story = run_story(told.ledger, told.run_id)
    write_bundle(file, story, told.ledger.revision(story.run.revision), {"lang": "en"})
    with zipfile.ZipFile(file) as pack:
        assert sorted(pack.namelist()) == ["flows/1-bills.yaml", "run.json", "surroundings.json"]
        everything = "".join(pack.read(name).decode() for name in pack.namelist())
    for private in (SECRET, "Nordwind", "119.00", "INV-3", "INV-4", "failing.pdf", "doubtful", str(tmp_path)):
        assert private not in everything


def test_what_a_colleague_needs_is_there(told: Told) -> None:
    data = bundle_data(run_story(told.ledger, told.run_id))
    assert (data["status"], data["flow"], len(data["items"])) == ("failed", "bills", 5)
    failing = next(i for i in data["items"] if i["id"] == told.items["failing"])
    assert failing["failure"]["code"] == "field-hidden"
    assert failing["attempts"][0]["params"] == {"text": f"text({len(SECRET)})"}
    assert [f["kind"] for f in failing["files"]] == ["screenshot"]
    doubtful = next(i for i in data["items"] if i["id"] == told.items["doubtful"])
    assert doubtful["writes"] == [{"what": "bill", "verdict": "intended", "by": "", "step": "post"}]
    json.dumps(data)


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ({"total": "119.00", "paid": True, "lines": [{"n": 3}]},
         {"total": "text(6)", "paid": True, "lines": [{"n": "int"}]}),
        (list("abcdefghijklmnopqrstuvw"), ["text(1)"] * 20 + ["… 3 more"]),
        (None, None),
        (1.5, "float"),
    ],
)
def test_a_value_becomes_its_kind_and_size(value: object, shape: object) -> None:
    assert redacted(value) == shape


def test_a_bundle_that_is_there_is_not_overwritten(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "bundle.zip"
    file.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_bundle(file, run_story(told.ledger, told.run_id), {}, {})
    assert file.read_bytes() == b"mine"
