"""Programs in another language than English, and what the desktop asks them for in any."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bots.desktop.conftest import needs
from tests.bots.fakes import Doing

LOCALE = "ko_KR.UTF-8"
MESSAGES = Path("/usr/share/locale/ko/LC_MESSAGES")


def speaks_korean(program: str) -> bool:
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    return "ko_KR.utf8" in known and (MESSAGES / f"{program}.mo").exists()


@needs("mousepad")
@pytest.mark.skipif(
    not speaks_korean("mousepad"), reason="no Korean here: localedef -i ko_KR -f UTF-8 ko_KR.UTF-8"
)
def test_korean_menus_and_file_dialogs(another: Callable[..., Doing], tmp_path: Path) -> None:
    """Entries without the key that stands behind them; the question about replacing by its default button."""
    do = another(locale=LOCALE)
    do("desktop.start", "mousepad", seconds=20)
    for text in ("견적서 1\n", "견적서 2\n"):
        do("desktop.type", target={"role": "textbox"}, text=text)
        do("desktop.menu", "파일 > 다른 이름으로 저장...")
        do("desktop.save_file", "note.txt", overwrite=True, seconds=15)
        assert (tmp_path / "note.txt").read_text("utf-8") == text
    do("desktop.menu", "편집 > 모두 선택")
    do("desktop.click", {"screen_text": "검색(S)"}, seconds=20)
    do("desktop.expect", {"role": "menuitem", "name": "찾기"}, seconds=10)
