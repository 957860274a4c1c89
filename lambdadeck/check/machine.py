"""What the machine has, for scripts/check: packages, room, power, screen, browser, languages, prices. Nothing is started for long."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.metadata
import inspect
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lambdadeck.check.findings import Finding, Light, amber, green, red
from lambdadeck.shared.paths import ROOT

DISK_MB, MEMORY_MB = (
    500,
    1000,
)  # twenty execution environments at once, the browser, Jupyter and a margin
PRICED = ("eu-west-1", "us-east-1")  # the regions that slides show without being asked for others
LABS_EXTENSION = Path("share/jupyter/labextensions/jupyterlab-rise/package.json")
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "firefox",
    "microsoft-edge",
    "brave-browser",
)
MAC_BROWSERS = ("Google Chrome", "Chromium", "Firefox", "Microsoft Edge", "Safari")
AGAIN = "rm -r .venv, then scripts/check: it installs what was tested (needs the network)"


def packages(requirements: Path = ROOT / "requirements.txt") -> Finding:
    """Whether what is installed is what requirements.txt pins for this Python and system."""
    from packaging.requirements import Requirement

    lines = re.findall(r"^[\w.-]+==[^\\\n]+", requirements.read_text("utf-8"), re.MULTILINE)
    wanted = [one for one in map(Requirement, lines) if not one.marker or one.marker.evaluate()]
    pins = {one.name: str(one.specifier).removeprefix("==") for one in wanted}
    here = {name: _installed(name) for name in pins}
    if missing := [name for name, version in here.items() if version is None]:
        return red("packages", f"not installed: {', '.join(missing)}", AGAIN)
    if others := [
        f"{name} {here[name]} (pinned: {pin})" for name, pin in pins.items() if here[name] != pin
    ]:
        return amber("packages", f"not what was tested: {', '.join(others)}", AGAIN)
    return green(
        "packages", f"{len(pins)} installed, each as pinned · Python {platform.python_version()}"
    )


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def room(folder: Path | None = None) -> Finding:
    """Whether there is disk and memory for the burst of execution environments."""
    import psutil

    disk_mb = shutil.disk_usage(folder or tempfile.gettempdir()).free / 1e6
    memory_mb = psutil.virtual_memory().available / 1e6
    words = f"{memory_mb / 1000:.1f} GB of memory and {disk_mb / 1000:.1f} GB of disk free"
    if memory_mb < MEMORY_MB:
        return amber(
            "room",
            words,
            f"close other programs: the burst wants {MEMORY_MB / 1000:.0f} GB of memory, or show it with 8",
        )
    if disk_mb < DISK_MB:
        return amber("room", words, f"free {DISK_MB} MB below {folder or tempfile.gettempdir()}")
    return green("room", words)


def load(average: float | None = None) -> Iterator[Finding]:
    """Whether other programs take the processor, so that every time below would be theirs, too; nothing if not."""
    average, cores = os.getloadavg()[0] if average is None else average, os.cpu_count() or 1
    if average > cores:
        words = f"{average:.1f} programs want the processor, which has {cores} cores: every time below is longer for it"
        yield amber("load", words, "close other programs, then scripts/check again")


def power() -> Iterator[Finding]:
    """Whether a battery would have to last through the talk; nothing for a machine without one."""
    import psutil

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is None:
        return
    words = f"battery {battery.percent:.0f} %"
    if battery.power_plugged is False:
        yield amber(
            "power",
            f"{words}, not plugged in",
            "plug it in: a laptop on battery slows down and dims the screen",
        )
    else:
        yield green("power", f"{words}, plugged in" if battery.power_plugged else words)


def browser(system: str = sys.platform, environ: Mapping[str, str] = os.environ) -> Finding:
    """Which browser could show the deck, and whether it could be opened from here."""
    # Imported here, because it names the talk's port and address as well.
    from lambdadeck.stage.present import can_open_browser

    found = _browsers(system, environ)
    if not found:
        command = (
            "brew install --cask google-chrome"
            if system == "darwin"
            else "apt-get install chromium"
        )
        return amber(
            "browser",
            "none found by name",
            f"{command}; any that opens the address that scripts/present prints will do",
        )
    words = f"{', '.join(found)} · tested in Chromium"
    if not can_open_browser(environ, system):
        return amber(
            "browser",
            f"{words}; this session has no display",
            "scripts/present prints the address: open it yourself",
        )
    return green("browser", words)


def _browsers(system: str, environ: Mapping[str, str]) -> list[str]:
    if system == "darwin":
        return [name for name in MAC_BROWSERS if Path(f"/Applications/{name}.app").exists()]
    chosen = [environ["BROWSER"]] if environ.get("BROWSER") else []
    return chosen + [name for name in BROWSERS if shutil.which(name, path=environ.get("PATH"))]


def languages() -> Iterator[Finding]:
    """The languages of the talk that this machine can run, and how to install each that it cannot."""
    from lambdadeck.engine.languages import toolchains

    asked: dict[str, Callable[[], str]] = {
        "Java": lambda: f"Java {toolchains.jdk().version}",
        "Node.js": lambda: f"Node.js {toolchains.node().version}",
        "Python": lambda: f"Python {platform.python_version()}",
        "C#": lambda: "C# on {0.name} {0.version}".format(toolchains.csharp()),
    }
    found, missing = [], []
    for name, version in asked.items():
        try:
            found.append(version())
        except toolchains.MissingToolchainError as problem:
            needed, _, command = problem.short.partition(": ")
            missing.append(amber("languages", f"{name} {needed}; its slides say so", command))
    yield green("languages", ", ".join(found))
    yield from missing


def python(version: str = platform.python_version()) -> Iterator[Finding]:
    """What the log lines of Python functions will say on slides, if it is another version than they ask for; nothing if not."""
    from lambdadeck import functions
    from lambdadeck.engine.languages import commands

    asked = inspect.signature(functions.deploy).parameters["runtime"].default
    if (label := commands.runs_as(asked, "python", version)) != f"python:{version}":
        words = f"log lines on slides will say {label!r}; every demo works the same"
        yield Finding(
            Light.GREEN,
            "languages",
            words,
            f"only if you mind: rm -r .venv, then {asked} scripts/check",
        )


def prices(today: dt.date | None = None, tables: Path | None = None) -> Finding:
    """How old the prices on the slides are; from 181 days on they say so themselves."""
    from lambdadeck import prices as dated

    today = today or dt.date.today()
    oldest = {
        kind: _oldest((tables or dated.TABLES) / f"{kind.lower()}.csv")
        for kind in ("Lambda", "EC2")
    }
    words = f"as of {' and '.join(f'{day.isoformat()} ({kind})' for kind, day in oldest.items())}"
    ends = min(oldest.values()) + dt.timedelta(days=dated.STALE_DAYS)
    if dated.is_stale(min(oldest.values()), today):
        return amber(
            "prices",
            f"{words}: over {dated.STALE_DAYS} days old, and the slides say so",
            "scripts/refresh-prices (needs the network)",
        )
    return green(
        "prices",
        f"{words}, in {' and '.join(PRICED)}: fresh until {ends.isoformat()}, {(ends - today).days} days from now",
    )


def _oldest(table: Path) -> dt.date:
    with open(table, encoding="utf-8", newline="") as rows:
        return min(
            dt.date.fromisoformat(row["as_of"])
            for row in csv.DictReader(rows)
            if row["region"] in PRICED
        )


def lab(prefix: Path = Path(sys.prefix)) -> Finding:
    """Whether the second way to show the deck, in JupyterLab, is there."""
    if (prefix / LABS_EXTENSION).is_file() and (version := _installed("jupyterlab-rise")):
        return green(
            "JupyterLab",
            f"jupyterlab-rise {version}: scripts/present --lab shows the deck in JupyterLab",
        )
    return amber(
        "JupyterLab",
        "jupyterlab-rise is not there; the deck does without",
        f"only for scripts/present --lab: {AGAIN}",
    )
