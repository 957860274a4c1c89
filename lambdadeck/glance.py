"""The platform probe: this one file, standard library only, runs here and inside a function."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from pathlib import Path

UNKNOWN = "unknown"


def handler(event: object, context: object) -> dict[str, object]:
    """What `probe` sees, when Lambda calls."""
    return probe()


def probe() -> dict[str, object]:
    """What can be seen of the machine from inside this process; what cannot be read is "unknown".

    Sizes are in MB (1,048,576 bytes), times in seconds. Environment variables are counted only:
    their values hold secrets.
    """
    return {
        "where": _where(),
        "operating system": _distribution(),
        "kernel": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processor": _processor(),
        "CPUs": os.cpu_count() or UNKNOWN,
        "memory MB": _memory_mb(),
        "up for seconds": _uptime_s(),
        "Python": platform.python_version(),
        "process": os.getpid(),
        "directory": _directory(),
        "/tmp free MB": round(shutil.disk_usage(tempfile.gettempdir()).free / 2**20),
        "variables": len(os.environ),
        "handler": os.environ.get("_HANDLER", "none"),
        "function memory MB": os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "none"),
    }


def _where() -> str:
    name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    return f"inside the function {name}" if name else "here, outside"


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", UNKNOWN)
    except OSError:
        return f"{platform.system()} {platform.mac_ver()[0]}".strip()


def _processor() -> str:
    names = (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo", "model name"))
    return next(names, platform.processor() or UNKNOWN)


def _memory_mb() -> object:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20)
    except (ValueError, OSError):
        return UNKNOWN


def _uptime_s() -> object:
    lines = _lines("/proc/uptime", "")
    return round(float(lines[0].split()[0])) if lines else UNKNOWN


def _directory() -> str:
    """The working directory, the home directory in it as ~: whose machine it is, is no one's business."""
    here, home = os.getcwd(), str(Path.home())
    return here.replace(home, "~", 1) if home != "/" and here.startswith(home) else here


def _lines(path: str, start: str) -> list[str]:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.startswith(start)]
