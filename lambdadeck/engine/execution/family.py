"""A runtime and the processes that descend from it."""

import os
import sys

import psutil

STOPPING_ROUNDS = 10  # a process may start another one before it stops itself
LISTS_CHILDREN = os.path.exists(f"/proc/{os.getpid()}/task/{os.getpid()}/children")


class Family:
    """A runtime and its descendants; in a container all that descend from its init.

    `others` are those without the runtime, as of the last look.
    """

    def __init__(self, runtime: int, init: int | None) -> None:
        self.runtime, self._init = runtime, init
        self.others: set[int] = set()
        self._seen: dict[int, psutil.Process] = {}

    def look(self) -> set[int]:
        """Find the others, and return them."""
        found = descendants(self._init or self.runtime)
        if self._init is None:  # one whose parent has ended descends from nobody here
            for pid in self._survivors(found):
                found |= {pid, *descendants(pid)}
            self._remember(found)
        self.others = found - {self.runtime}
        return self.others

    def _survivors(self, found: set[int]) -> list[int]:
        return [pid for pid, one in self._seen.items() if pid not in found and one.is_running()]

    def _remember(self, found: set[int]) -> None:
        for pid in found - self._seen.keys():
            try:
                self._seen[pid] = psutil.Process(pid)
            except psutil.NoSuchProcess:
                continue
        self._seen = {pid: one for pid, one in self._seen.items() if pid in found}

    def proportional_bytes(self) -> int:
        """Return the memory of all, a page that several share counted once."""
        return sum(map(_proportional_bytes, (self.runtime, *self.others)))


def descendants(pid: int) -> set[int]:
    """Return the ids of all processes below one."""
    found, ahead = set[int](), [pid]
    while ahead:
        new = set(_children(ahead.pop())) - found
        found |= new
        ahead += new
    return found


def _children(pid: int) -> list[int]:
    if not LISTS_CHILDREN:
        return _listed_by_psutil(pid)
    try:
        folder = f"/proc/{pid}/task"
        return [int(child) for one in os.listdir(folder) for child in _words(folder, one)]
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return []


def _words(folder: str, thread: str) -> list[bytes]:
    handle = os.open(f"{folder}/{thread}/children", os.O_RDONLY)
    try:
        return os.read(handle, 1 << 16).split()
    finally:
        os.close(handle)


def _listed_by_psutil(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return []


def _proportional_bytes(pid: int) -> int:
    try:
        if sys.platform == "linux":
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                return next(int(line.split()[1]) for line in rollup if line[:4] == "Pss:") << 10
        return int(psutil.Process(pid).memory_info().rss)
    except (OSError, psutil.Error, StopIteration):  # it has ended, or hides
        return 0
