"""Write one archive that installs offline: the repository and wheels for named Pythons, systems."""

import argparse
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from lambdadeck.install import PIN, ROOT, WHEELS

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = ("linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-arm64")
NAME = "aws-lambda-live"
_BUILT = "awslambdaric"  # its wheels are for Linux: elsewhere it is built from source
_GLIBC = range(28, 4, -1)  # 2.28 is that of 2018
_ENTRY = re.compile(rf"{PIN}[^;\n]*?(?: ; (.+?))? \\\n(?:    .*\n)+", re.MULTILINE)


class BundleError(Exception):
    """The archive was not written; the message says why and what to do."""


@dataclass(frozen=True)
class BundleTarget:
    """A Python, such as 3.12.99, and a system, such as linux-x86_64."""

    python: str
    system: str

    @property
    def markers(self) -> dict[str, str]:
        """Return the environment in which the lock's markers are evaluated."""
        kind, machine = self.system.split("-", 1)
        return {
            "python_version": self.python.rpartition(".")[0],
            "python_full_version": self.python,
            "implementation_version": self.python,
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "platform_machine": machine,
            "platform_system": "Linux" if kind == "linux" else "Darwin",
            "sys_platform": "linux" if kind == "linux" else "darwin",
            "os_name": "posix",
        }

    @property
    def platforms(self) -> list[str]:
        """Return pip's names of the platforms whose wheels run there."""
        kind, machine = self.system.split("-", 1)
        if kind == "macos":
            return [f"macosx_14_0_{machine}"]
        return [*(f"manylinux_2_{minor}_{machine}" for minor in _GLIBC), f"manylinux2014_{machine}"]


def here() -> tuple[str, str]:
    """Return this machine's Python and system, such as 3.12 and linux-x86_64."""
    kind = "macos" if sys.platform == "darwin" else "linux"
    return ".".join(map(str, sys.version_info[:2])), f"{kind}-{platform.machine()}"


def options(arguments: list[str]) -> argparse.Namespace:
    """Parse the command line; --help and errors exit as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/bundle",
        description="Write one archive that installs without a network: what is committed, and "
        "the wheels of requirements.txt. There: tar xf FILE, then scripts/present.",
    )
    python, system = here()
    add = parser.add_argument
    add("--python", action="append", choices=PYTHONS, help=f"again for more ({python})")
    add("--system", action="append", choices=SYSTEMS, help=f"again for more ({system})")
    add("--out", type=Path, default=ROOT / "build", help="folder of the archive (default: build/)")
    given = parser.parse_args(arguments)
    if sys.platform != "darwin" and any(name.startswith("macos") for name in given.system or []):
        parser.error(f"a bundle for macOS has {_BUILT}'s source, which needs a Mac: run it there.")
    return given


def main(arguments: list[str]) -> int:
    """Run scripts/bundle; return its exit code."""
    given, (python, system) = options(arguments), here()
    pythons, systems = given.python or [python], given.system or [system]
    targets = [
        BundleTarget(f"{python}.{patch}", system)
        for system in systems
        for python in pythons
        for patch in (0, 99)  # the lock's markers distinguish old patch releases from new ones
    ]
    try:
        file = bundle(targets, given.out)
    except BundleError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{file} ({file.stat().st_size / 1e6:,.0f} MB), for Python {', '.join(pythons)} on")
    print(f"{', '.join(systems)}. There: tar xf {file.name} && {NAME}/scripts/present")
    return 0


def bundle(targets: Iterable[BundleTarget], out: Path, root: Path = ROOT) -> Path:
    """Download the wheels of all targets, and write the archive; raise BundleError."""
    out.mkdir(parents=True, exist_ok=True)
    lock = (root / "requirements.txt").read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        for target in targets:
            print(f"Downloading for Python {target.python} on {target.system} …", flush=True)
            _download(pins(lock, target), target, wheels)
        return _write(out / f"{NAME}.tar", root, wheels)


def pins(lock: str, target: BundleTarget) -> str:
    """Return the lock's entries for a target, with hashes and without markers."""
    from packaging.markers import Marker  # installed with Jupyter; --help does not need it

    made = []
    for entry in _ENTRY.finditer(lock):
        marker = entry[2]
        if marker is None or Marker(marker).evaluate(target.markers):
            made.append(entry[0].replace(f" ; {marker}", "") if marker else entry[0])
    return "".join(made)


def _download(wanted: str, target: BundleTarget, wheels: Path) -> None:
    built = "" if target.system.startswith("linux") else _entry(wanted, _BUILT)
    binary = wanted.replace(built, "") if built else wanted
    asked = ["--python-version", target.python, "--implementation", "cp"]
    asked += [part for name in target.platforms for part in ("--platform", name)]
    _pip(["--only-binary", ":all:", *asked], binary, wheels)
    if built:
        _pip(["--no-binary", ":all:", "--no-build-isolation"], built, wheels)


def _entry(wanted: str, name: str) -> str:
    return next((each[0] for each in _ENTRY.finditer(wanted) if each[1] == name), "")


def _pip(asked: list[str], wanted: str, wheels: Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q"]
    command += ["--no-deps", "--require-hashes", "-d", str(wheels), *asked, "-r", "/dev/stdin"]
    done = subprocess.run(command, input=wanted, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise BundleError(
            f"{done.stderr}\nThe wheels were not downloaded. Check the network; if no wheel fits "
            "that Python or system, leave it out."
        )


def _write(file: Path, root: Path, wheels: Path) -> Path:
    command = ["git", "archive", "--format=tar", f"--prefix={NAME}/", "HEAD"]
    done = subprocess.run(command, cwd=root, capture_output=True)
    if done.returncode:
        raise BundleError(f"{done.stderr.decode()}\nThe bundle holds what git has: use a clone.")
    file.write_bytes(done.stdout)
    with tarfile.open(file, "a") as archive:
        for wheel in sorted(wheels.iterdir()):
            content = wheel.read_bytes()
            member = tarfile.TarInfo(f"{NAME}/{WHEELS}/{wheel.name}")
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, BytesIO(content))
    return file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
