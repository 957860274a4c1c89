"""Probe the platform; this file runs here and inside a function, with the standard library."""

import os
import platform
from pathlib import Path

UNKNOWN = "unknown"


def handler(event: object, context: object) -> dict[str, object]:
    """Return what `probe` sees, as a Lambda handler."""
    return probe()


def probe() -> dict[str, object]:
    """Return what this process sees of the machine; "unknown" if it cannot be read.

    Memory is in MB (1,048,576 bytes). Environment variables are only counted: they hold secrets.
    """
    return {
        "operating system": _distribution(),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": f"{os.cpu_count() or UNKNOWN} × {_processor()}",
        "memory MB": _memory_mb(),
        "Python": platform.python_version(),
        "process": os.getpid(),
        "variables": len(os.environ),
    }


def _distribution() -> str:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", UNKNOWN)
    except OSError:
        return f"{platform.system()} {platform.mac_ver()[0]}".strip()
    return name.partition(" (")[0]  # without the code name


def _processor() -> str:
    names = (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo", "model name"))
    return next(names, platform.processor() or UNKNOWN)


def _memory_mb() -> object:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20)
    except (ValueError, OSError):
        return UNKNOWN


def _lines(path: str, start: str) -> list[str]:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.startswith(start)]
