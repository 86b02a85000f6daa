"""Starting the process of a run. It may be started before there is a run for it: it then loads its programs while the
caller still checks the flow, and ends with its caller when no order comes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from rpa.settings import Settings, environ_of_worker


@dataclass(frozen=True, slots=True)
class Started:
    """A process that waits for its order; `events` is the pipe on which it reports."""

    process: subprocess.Popen[bytes]
    events: int

    def order(self, hello: Mapping[str, Any]) -> None:
        """The one line that says what to run."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(hello).encode() + b"\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """It is not needed after all."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.events)
        for pipe in (self.process.stdin, self.process.stderr):
            if pipe is not None:
                pipe.close()


def worker_name() -> str:
    """host:pid:start, so that the same machine can tell whether the process still lives."""
    import psutil

    return f"{socket.gethostname()}:{os.getpid()}:{int(psutil.Process().create_time())}"


def start(settings: Settings, worker: str) -> Started:
    """A process for one run, in a session of its own."""
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "rpa.worker.child", str(write)],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(write,),
        start_new_session=True,
        cwd=settings.project,
        env=None if settings.headed else environ_of_worker(worker),
    )
    os.close(write)
    return Started(process, read)
