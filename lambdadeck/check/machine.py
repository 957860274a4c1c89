"""Check the machine: packages, room, load, power, browser, languages, prices, JupyterLab."""

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
from lambdadeck.install import PIN
from lambdadeck.shared.paths import ROOT

DISK_MB, MEMORY_MB = 500, 1000  # 20 execution environments, browser, Jupyter and a margin
PRICED = ("eu-west-1", "us-east-1")  # the regions on the slides by default
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
AGAIN = "rm -r .venv, then scripts/check: installs the tested versions (needs the network)"


def packages(requirements: Path = ROOT / "requirements.txt") -> Finding:
    """Compare the installed packages with the pins for this Python and system."""
    from packaging.requirements import Requirement

    pinned = re.finditer(rf"{PIN}[^\\\n]+", requirements.read_text("utf-8"), re.MULTILINE)
    lines = [found[0] for found in pinned]
    wanted = [one for one in map(Requirement, lines) if not one.marker or one.marker.evaluate()]
    pins = {one.name: str(one.specifier).removeprefix("==") for one in wanted}
    here = {name: _installed(name) for name in pins}
    if missing := [name for name, version in here.items() if version is None]:
        return red("packages", f"not installed: {', '.join(missing)}", AGAIN)
    found = [f"{n} {here[n]} (pinned: {pin})" for n, pin in pins.items() if here[n] != pin]
    if found:
        return amber("packages", f"untested versions: {', '.join(found)}", AGAIN)
    words = f"{len(pins)} installed, each as pinned · Python {platform.python_version()}"
    return green("packages", words)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def room(folder: Path | None = None) -> Finding:
    """Check disk and memory for the burst of execution environments."""
    import psutil

    disk_mb = shutil.disk_usage(folder or tempfile.gettempdir()).free / 1e6
    memory_mb = psutil.virtual_memory().available / 1e6
    words = f"{memory_mb / 1000:.1f} GB of memory and {disk_mb / 1000:.1f} GB of disk free"
    if memory_mb < MEMORY_MB:
        wanted = f"the burst needs {MEMORY_MB / 1000:.0f} GB of memory, or show it with 8"
        return amber("room", words, f"close other programs: {wanted}")
    if disk_mb < DISK_MB:
        return amber("room", words, f"free {DISK_MB} MB below {folder or tempfile.gettempdir()}")
    return green("room", words)


def load(average: float | None = None) -> Iterator[Finding]:
    """Yield a warning if other programs keep the processor busy."""
    average, cores = os.getloadavg()[0] if average is None else average, os.cpu_count() or 1
    if average > cores:
        words = f"{average:.1f} programs share {cores} cores: all times below are longer"
        yield amber("load", words, "close other programs, then scripts/check again")


def power() -> Iterator[Finding]:
    """Yield the state of the battery, if the machine has one."""
    import psutil

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is None:
        return
    words = f"battery {battery.percent:.0f} %"
    if battery.power_plugged is False:
        todo = "plug it in: on battery, a laptop slows down and dims the screen"
        yield amber("power", f"{words}, not plugged in", todo)
    else:
        yield green("power", f"{words}, plugged in" if battery.power_plugged else words)


def browser(system: str = sys.platform, environ: Mapping[str, str] = os.environ) -> Finding:
    """Return the installed browsers and whether one can be opened from here."""
    from lambdadeck.stage.present import can_open_browser

    found = _browsers(system, environ)
    if not found:
        is_mac = system == "darwin"
        how = "brew install --cask google-chrome" if is_mac else "apt-get install chromium"
        todo = f"{how}; or open the address that scripts/present prints in any other browser"
        return amber("browser", "none found by name", todo)
    words = f"{', '.join(found)} · tested in Chromium"
    if not can_open_browser(environ, system):
        todo = "scripts/present prints the address: open it yourself"
        return amber("browser", f"{words}; this session has no display", todo)
    return green("browser", words)


def _browsers(system: str, environ: Mapping[str, str]) -> list[str]:
    if system == "darwin":
        return [name for name in MAC_BROWSERS if Path(f"/Applications/{name}.app").exists()]
    chosen = [environ["BROWSER"]] if environ.get("BROWSER") else []
    return chosen + [name for name in BROWSERS if shutil.which(name, path=environ.get("PATH"))]


def languages() -> Iterator[Finding]:
    """Yield the talk's languages that run here, and how to install each missing one."""
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
        except toolchains.MissingToolchainError as error:
            needed, _, command = error.short.partition(": ")
            missing.append(amber("languages", f"{name} {needed}; its slides say so", command))
    yield green("languages", ", ".join(found))
    yield from missing


def python(version: str = platform.python_version()) -> Iterator[Finding]:
    """Yield a note if Python functions run on another version than the slides ask for."""
    from lambdadeck import functions
    from lambdadeck.engine.languages import commands

    asked = inspect.signature(functions.deploy).parameters["runtime"].default
    if (label := commands.runs_as(asked, "python", version)) != f"python:{version}":
        words = f"log lines on slides will say {label!r}; every demo works the same"
        todo = f"to change that: rm -r .venv, then {asked} scripts/check"
        yield Finding(Light.GREEN, "languages", words, todo)


def containers(refused: bool | None = None) -> Finding:
    """Make a container as the engine does, and say what does not hold if the system refuses."""
    if not (_refused() if refused is None else refused):
        return green("containers", "each execution environment has namespaces of its own")
    words = "refused by this system: functions run as you, see your files, and share /tmp"
    todo = "the talk works all the same; README, 'Fidelity by platform', lists what does not hold"
    return amber("containers", words, todo)


def _refused() -> bool:
    from lambdadeck.engine.execution import launch, sandbox

    with tempfile.TemporaryDirectory() as folder:
        made = sandbox.start(launch.link_python_runtime(Path(folder) / "runtime"), "check")
        if made:
            made.close()
        return made is None


def prices(today: dt.date | None = None, tables: Path | None = None) -> Finding:
    """Return the age of the prices; once they are stale, the slides say so, too."""
    from lambdadeck import prices as dated

    today = today or dt.date.today()
    folder = tables or dated.TABLES
    oldest = {kind: _oldest(folder / f"{kind.lower()}.csv") for kind in ("Lambda", "EC2")}
    days = " and ".join(f"{day.isoformat()} ({kind})" for kind, day in oldest.items())
    words = f"last confirmed {days}"
    ends = min(oldest.values()) + dt.timedelta(days=dated.STALE_DAYS)
    if dated.is_stale(min(oldest.values()), today):
        words += f": over {dated.STALE_DAYS} days old, and the slides say so"
        return amber("prices", words, "scripts/refresh-prices (needs the network)")
    fresh = f"fresh until {ends.isoformat()}, {(ends - today).days} days from now"
    return green("prices", f"{words}, in {' and '.join(PRICED)}: {fresh}")


def _oldest(table: Path) -> dt.date:
    with open(table, encoding="utf-8", newline="") as rows:
        dates = [
            max(row["as_of"], row.get("confirmed") or "")
            for row in csv.DictReader(rows)
            if row["region"] in PRICED
        ]
    return min(map(dt.date.fromisoformat, dates))


def lab(prefix: Path = Path(sys.prefix)) -> Finding:
    """Check that the deck can be shown in JupyterLab, too."""
    if (prefix / LABS_EXTENSION).is_file() and (version := _installed("jupyterlab-rise")):
        words = f"jupyterlab-rise {version}: scripts/present --lab shows the deck in JupyterLab"
        return green("JupyterLab", words)
    todo = f"only for scripts/present --lab: {AGAIN}"
    return amber("JupyterLab", "jupyterlab-rise is missing; the deck works without it", todo)
