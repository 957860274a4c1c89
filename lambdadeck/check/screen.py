"""How large the screen is, where that can be known: asked of xrandr, of Linux itself, or of macOS."""

from __future__ import annotations

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
    """A connected screen: its name and its size in pixels."""

    name: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width} x {self.height} ({self.name})"


WANTED = Screen("wanted", 1280, 720)


def screen(found: list[Screen] | None = None) -> Finding:
    """Whether a screen has the size that the slides are made for."""
    found = connected() if found is None else found
    words = ", ".join(map(str, found))
    wanted = f"{WANTED.width} x {WANTED.height}"
    if not found:
        return amber(
            "screen",
            f"not known: the deck wants {wanted}",
            "look at one slide on the projector beforehand",
        )
    if any(one.width >= WANTED.width and one.height >= WANTED.height for one in found):
        return green("screen", words)
    return amber(
        "screen",
        f"{words}: the deck wants {wanted}",
        "choose a larger mode, or zoom out in the browser (Ctrl and -)",
    )


def connected(platform: str = sys.platform) -> list[Screen]:
    """The screens that are connected now; none where nobody can say."""
    if platform == "darwin":
        return of_macos(_said("system_profiler", "SPDisplaysDataType", "-json"))
    return of_xrandr(_said("xrandr", "--current")) or of_drm(DRM)


def of_xrandr(said: str) -> list[Screen]:
    """What xrandr says: `HDMI-1 connected primary 1920x1080+0+0 …`; a screen that is off has no size."""
    found = re.findall(r"^(\S+) connected (?:primary )?(\d+)x(\d+)\+", said, re.MULTILINE)
    return [Screen(name, int(width), int(height)) for name, width, height in found]


def of_drm(folder: Path) -> list[Screen]:
    """What Linux says without a display server: for each connector its state, and its modes, the preferred one first."""
    found = []
    for connector in sorted(folder.glob("card*-*")):
        if (connector / "status").read_text().strip() == "connected":
            if mode := re.match(r"(\d+)x(\d+)", (connector / "modes").read_text()):
                found.append(Screen(connector.name.partition("-")[2], int(mode[1]), int(mode[2])))
    return found


def of_macos(said: str) -> list[Screen]:
    """What system_profiler says: the resolution of each display, as `_spdisplays_resolution: "1440 x 900 @ 60.00Hz"`."""
    try:
        cards = json.loads(said or "{}").get("SPDisplaysDataType", [])
    except ValueError:
        return []
    displays = [display for card in cards for display in card.get("spdisplays_ndrvs", [])]
    sizes = [
        (
            d.get("_name", "display"),
            re.match(r"(\d+) ?x ?(\d+)", d.get("_spdisplays_resolution", "")),
        )
        for d in displays
    ]
    return [Screen(name, int(size[1]), int(size[2])) for name, size in sizes if size]


def _said(*command: str) -> str:
    """What a program says; nothing where it is not there, fails (as xrandr without a display does) or takes too long."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=ASKING_LIMIT_S,
            stdin=subprocess.DEVNULL,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout
