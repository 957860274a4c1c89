"""The memory that is left for another environment."""

from pathlib import Path

import psutil

MIB = 1024 * 1024
SPARE_MB, SPARE_SHARE = 512, 16  # what stays free: this much, or a sixteenth of a small machine
CGROUP = Path("/sys/fs/cgroup")  # in a Docker container its own, with its limit


def total_mb(cgroup: Path = CGROUP) -> int:
    """Return the memory of this machine, or of the Docker container that this is."""
    total, limit = psutil.virtual_memory().total, _number(cgroup / "memory.max")
    return (total if limit is None else min(total, limit)) // MIB


def free_mb(cgroup: Path = CGROUP) -> int:
    """Return the memory that nobody uses yet."""
    free = psutil.virtual_memory().available
    limit, used = _number(cgroup / "memory.max"), _number(cgroup / "memory.current")
    if limit is not None and used is not None:
        free = min(free, limit - used)
    return free // MIB


def has_room(cgroup: Path = CGROUP) -> bool:
    """Return whether one more environment may start."""
    return free_mb(cgroup) > min(SPARE_MB, total_mb(cgroup) // SPARE_SHARE)


def _number(path: Path) -> int | None:
    try:
        words = path.read_text().strip()
    except OSError:  # no control groups here, or this is the root of them
        return None
    return int(words) if words.isdigit() else None
