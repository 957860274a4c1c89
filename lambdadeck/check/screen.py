"""Find the size of the screens: from xrandr, Linux or macOS."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from lambdadeck.check.findings import Finding, amber, green

ASKING_LIMIT_S = 10
DRM = Path("/sys/class/drm")


class Screen(NamedTuple):
    """A connected screen; its size in pixels."""

    name: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width} x {self.height} ({self.name})"


WANTED = Screen("wanted", 1280, 720)


def screen(found: list[Screen] | None = None) -> Finding:
    """Check that a screen is large enough for the slides."""
    found = connected() if found is None else found
    words = ", ".join(map(str, found))
    wanted = f"{WANTED.width} x {WANTED.height}"
    if not found:
        todo = "look at one slide on the projector beforehand"
        return amber("screen", f"unknown: the deck needs {wanted}", todo)
    if any(one.width >= WANTED.width and one.height >= WANTED.height for one in found):
        return green("screen", words)
    todo = "choose a larger mode, or zoom out in the browser (Ctrl and -)"
    return amber("screen", f"{words}: the deck needs {wanted}", todo)


def connected(platform: str = sys.platform) -> list[Screen]:
    """Return the connected screens; empty if unknown."""
    if platform == "darwin":
        return of_macos(_output("system_profiler", "SPDisplaysDataType", "-json"))
    return of_xrandr(_output("xrandr", "--current")) or of_drm(DRM)


def of_xrandr(said: str) -> list[Screen]:
    """Parse xrandr: `HDMI-1 connected primary 1920x1080+0+0 …`; no size if it is off."""
    found = re.findall(r"^(\S+) connected (?:primary )?(\d+)x(\d+)\+", said, re.MULTILINE)
    return [Screen(name, int(width), int(height)) for name, width, height in found]


def of_drm(folder: Path) -> list[Screen]:
    """Read Linux's connectors: their status and modes, the preferred mode first."""
    found = []
    for connector in sorted(folder.glob("card*-*")):
        is_connected = (connector / "status").read_text().strip() == "connected"
        mode = re.match(r"(\d+)x(\d+)", (connector / "modes").read_text())
        if is_connected and mode:
            found.append(Screen(connector.name.partition("-")[2], int(mode[1]), int(mode[2])))
    return found


def of_macos(said: str) -> list[Screen]:
    """Parse system_profiler: each display has `_spdisplays_resolution: "1440 x 900 @ 60.00Hz"`."""
    try:
        cards = json.loads(said or "{}").get("SPDisplaysDataType", [])
    except ValueError:
        return []
    displays = [display for card in cards for display in card.get("spdisplays_ndrvs", [])]
    return [
        Screen(display.get("_name", "display"), int(size[1]), int(size[2]))
        for display in displays
        if (size := re.match(r"(\d+) ?x ?(\d+)", display.get("_spdisplays_resolution", "")))
    ]


def _output(*command: str) -> str:
    """Return a program's output; "" if it is missing, fails or takes too long."""
    silent = subprocess.DEVNULL
    try:
        return subprocess.check_output(
            command, text=True, timeout=ASKING_LIMIT_S, stdin=silent, stderr=silent
        )
    except (OSError, subprocess.SubprocessError):
        return ""
