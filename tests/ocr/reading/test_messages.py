"""Every failure of reading is told in the catalogue, in English and Korean, with the details it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows import catalogue
from ocr.errors import DocumentError
from ocr.pages import open_document

ROOT = Path(__file__).parents[3] / "ocr"
CODE = re.compile(r'DocumentError\(\s*"([a-z-]+)"')


def codes() -> set[str]:
    files = [path for folder in ("pages", "reading", "models") for path in (ROOT / folder).rglob("*.py")]
    return {code for path in files for code in CODE.findall(path.read_text("utf-8"))}


def test_every_code_is_told_in_both_languages() -> None:
    assert len(codes()) >= 17
    for code in sorted(codes()):
        assert catalogue.known(code), code
        assert re.search("[가-힣]", catalogue.text(code, "ko")), code


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_details_fill_the_message(tmp_path: Path, lang: str) -> None:
    (tmp_path / "scan.png").write_bytes(b"")
    with pytest.raises(DocumentError) as caught, open_document(tmp_path / "scan.png"):
        pass
    told = catalogue.text(caught.value.code, lang, **caught.value.details)
    assert "scan.png" in told
    assert "{" not in told
