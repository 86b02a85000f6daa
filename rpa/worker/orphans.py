"""Programs that a lost worker left behind: browsers, drivers, displays.

A run's process carries the name of its worker in its environment and hands it on to all it starts. A program
whose worker is no more has nobody who could still use it. On a real desktop (`headed`) nothing is marked:
what a flow opens there may be meant to stay.
"""

from __future__ import annotations

import socket

import psutil

from rpa.settings import WORKER_MARK


def sweep_orphans() -> list[str]:
    """Ends them; tells `name pid` of each."""
    ended = []
    for process in psutil.process_iter(["name"]):
        try:
            worker = process.environ().get(WORKER_MARK, "")
            if worker and lost(worker):
                process.kill()
                ended.append(f"{process.info['name']} {process.pid}")
        except (psutil.Error, OSError):  # gone meanwhile, or another user's
            continue
    return ended


def lost(worker: str) -> bool:
    """`host:pid:start` of a process of this machine that is no more."""
    host, _, rest = worker.partition(":")
    pid, _, start = rest.partition(":")
    if host != socket.gethostname() or not pid.isdecimal() or not start.isdecimal():
        return False
    try:
        return abs(psutil.Process(int(pid)).create_time() - int(start)) > 2
    except psutil.NoSuchProcess:
        return True
