"""The shared reading process: same answers, batches, replacement by age, life after a crash."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from ocr.errors import DocumentError
from ocr.pages import Picture
from ocr.reading.reader import ReaderOptions
from ocr.reading.service import ReadingService, ServiceLimits, ServiceReader
from ocr.values import PageText
from tests.ocr.reading.paper import LATIN, draw


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="rd") as name:  # short: a socket's path has a limit of about 100 bytes
        yield Path(name) / "s"


def blank(number: int) -> Picture:
    return Picture(number, np.full((40, 60, 3), 255, np.uint8))


def test_it_reads_like_the_engine_itself(folder: Path) -> None:
    paper = draw([(40, 40, "Net total 1,250.00", 26)], (420, 120), LATIN)
    with ReadingService(folder, "batched", ReaderOptions(hangul=False)):
        (page,) = ServiceReader(folder).read([Picture(5, paper.pixels)])
    assert (page.number, [word.text for word in page.words]) == (5, ["Net", "total", "1,250.00"])


def test_clients_get_their_own_pages_back(folder: Path) -> None:
    with ReadingService(folder, "fake") as service:
        found: dict[int, list[int]] = {}

        def ask(client: int) -> None:
            reader = ServiceReader(folder)
            found[client] = [page.number for n in range(5) for page in reader.read([blank(100 * client + n)])]

        threads = [threading.Thread(target=ask, args=(client,)) for client in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert found == {client: [100 * client + n for n in range(5)] for client in range(6)}
        assert service.status()["children"] == 1


def test_an_old_child_is_replaced(folder: Path) -> None:
    with ReadingService(folder, "fake", limits=ServiceLimits(max_pages=3)) as service:
        reader = ServiceReader(folder)
        for number in range(7):
            assert reader.read([blank(number)])[0].number == number
        assert service.status()["children"] == 3


def test_a_fat_child_is_replaced(folder: Path) -> None:
    with ReadingService(folder, "fake", limits=ServiceLimits(max_mb=1.0)) as service:
        reader = ServiceReader(folder)
        for number in range(2):
            reader.read([blank(number)])
        assert service.status()["children"] == 2


def test_a_killed_child_comes_back(folder: Path) -> None:
    with ReadingService(folder, "fake") as service:
        reader = ServiceReader(folder)
        reader.read([blank(1)])
        os.kill(service.status()["pid"], signal.SIGKILL)
        assert [page.number for page in _patient(reader, blank(2))] == [2]
        assert service.status()["children"] == 2


def _patient(reader: ServiceReader, picture: Picture) -> list[PageText]:
    """The kill may meet the request itself; then it fails with a code, and the next one is served."""
    try:
        return list(reader.read([picture]))
    except DocumentError as error:
        assert error.code == "engine-failed"
        return list(reader.read([picture]))


def test_a_hanging_child_is_ended(folder: Path) -> None:
    with ReadingService(folder, "fake", limits=ServiceLimits(batch_seconds=8)) as service:
        reader = ServiceReader(folder)
        reader.read([blank(1)])
        os.kill(service.status()["pid"], signal.SIGSTOP)
        with pytest.raises(DocumentError) as caught:
            reader.read([blank(2)])
        assert caught.value.code == "document-timeout"
        assert caught.value.details["seconds"] == "8"
        assert reader.read([blank(3)])[0].number == 3


def test_a_full_queue_refuses_and_the_others_are_served(folder: Path) -> None:
    """The child stands still; one request is with it, one waits, the third finds no room."""
    limits = ServiceLimits(queue=1, queue_seconds=0.3, batch_seconds=30)
    with ReadingService(folder, "fake", limits=limits) as service:
        readers = [ServiceReader(folder) for _ in range(3)]
        readers[0].read([blank(0)])
        child = service.status()["pid"]
        os.kill(child, signal.SIGSTOP)
        found: list[int] = []
        threads = [
            threading.Thread(target=lambda n=n: found.append(readers[n].read([blank(n)])[0].number)) for n in range(2)
        ]
        threads[0].start()
        _until(lambda: service.status()["waiting"] == 0)
        time.sleep(0.2)  # the first request is past the gathering of its batch
        threads[1].start()
        _until(lambda: service.status()["waiting"] == 1)
        with pytest.raises(DocumentError) as caught:
            readers[2].read([blank(2)])
        assert caught.value.code == "engine-busy"
        os.kill(child, signal.SIGCONT)
        for thread in threads:
            thread.join(30)
        assert sorted(found) == [0, 1]


def _until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.heavy
def test_two_clients_outlive_the_engine_killed_in_the_middle(folder: Path) -> None:
    """The real engine, two clients reading without a pause, its process killed three times while they do: each
    page is read rightly in the end, each failure has a code."""
    paper = draw([(40, 40, "Net total 1,250.00", 26)], (420, 120), LATIN)
    with ReadingService(folder, "batched", ReaderOptions(hangul=False)) as service:
        texts: list[list[str]] = []
        failures: list[str] = []

        def ask(client: int) -> None:
            reader = ServiceReader(folder)
            left = 20
            while left:
                try:
                    (page,) = reader.read([Picture(client, paper.pixels)])
                except DocumentError as error:
                    failures.append(error.code)
                    continue
                assert page.number == client
                texts.append([word.text for word in page.words])
                left -= 1

        clients = [threading.Thread(target=ask, args=(client,)) for client in (1, 2)]
        for client in clients:
            client.start()
        for reached in (4, 12, 20):
            _until(lambda reached=reached: len(texts) >= reached, 120)  # type: ignore[misc]
            os.kill(service.status()["pid"], signal.SIGKILL)
        for client in clients:
            client.join(240)
        assert texts == [["Net", "total", "1,250.00"]] * 40
        assert set(failures) <= {"engine-failed"}
        assert service.status()["children"] == 4


def test_the_engines_own_refusal_reaches_the_client(folder: Path) -> None:
    with (
        ReadingService(folder, "batched", ReaderOptions(device="gpu:7")),
        pytest.raises(DocumentError) as caught,
    ):
        ServiceReader(folder).read([blank(1)])
    assert (caught.value.code, caught.value.kind) == ("device-missing", "engine")


def test_only_the_owner_may_enter(folder: Path) -> None:
    with ReadingService(folder, "fake"):
        assert folder.stat().st_mode & 0o077 == 0


def test_without_a_service_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr.reading.service._connected.__defaults__", (0.1,))
    with pytest.raises(DocumentError) as caught:
        ServiceReader(folder)
    assert caught.value.code == "engine-missing"
