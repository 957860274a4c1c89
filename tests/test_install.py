"""The locks fit every Python; the .venv is made once; a failed installation says what to do."""

import functools
import hashlib
import importlib.metadata
import re
import signal
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lambdadeck import install

ROOT = install.ROOT
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {name: (ROOT / name).read_text() for name in ("requirements.txt", "tests/requirements.txt")}
DIRECT = {
    "requirements.txt": [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["build"],
    ],
    "tests/requirements.txt": PROJECT["dependency-groups"]["test"],
}
BINDER = ROOT / "binder"
MACHINES = [
    {
        "python_full_version": version,
        "python_version": version[:4],
        "sys_platform": system,
        "platform_system": system.capitalize(),
        "platform_machine": machine,
    }
    for version in ("3.11.0", "3.11.5", "3.14.0")
    for system, machine in (("linux", "x86_64"), ("darwin", "x86_64"), ("darwin", "arm64"))
]

parsed = functools.cache(Requirement)

STEP = install.Step(
    "step", "Installing the step …", ("requirements.txt",), (("-c", "open('ran', 'a').write('x')"),)
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a checkout whose .venv exists: a link to this Python is enough."""
    (tmp_path / "requirements.txt").write_text("one==1\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    version = ".".join(map(str, sys.version_info[:3]))
    (tmp_path / ".venv" / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")
    return tmp_path


def runs(place: Path) -> int:
    """How often the step's command ran."""
    return len((place / "ran").read_text()) if (place / "ran").exists() else 0


def entries(lock: str) -> list[Requirement]:
    """Return a lock's pins, without their hashes."""
    return [parsed(pin) for pin in re.findall(r"^[\w.-]+(?:\[.+\])?==[^\\\n]+", lock, re.MULTILINE)]


def pinned_on(machine: dict[str, str]) -> dict[str, Requirement]:
    """Return the pins of both locks that count on a machine, by name."""
    every = [pin for lock in LOCKS.values() for pin in entries(lock)]
    return {pin.name: pin for pin in every if not pin.marker or pin.marker.evaluate(machine)}


@functools.cache
def metadata_of(pin: Requirement) -> importlib.metadata.PackageMetadata | None:
    """Return the package's metadata, if the pinned version is installed here."""
    try:
        found = importlib.metadata.metadata(pin.name)
    except importlib.metadata.PackageNotFoundError:
        return None
    return found if pin.specifier.contains(found["Version"]) else None


def test_every_line_of_a_lock_is_a_pin_a_hash_or_a_comment():
    pin = r"[a-z0-9.-]+(?:\[[a-z,-]+\])?==[\w.]+(?: ; [^\\]+)? \\"
    digest = r"    --hash=sha256:[0-9a-f]{64}(?: \\)?"
    for name, lock in LOCKS.items():
        strange = [
            line for line in lock.splitlines() if not re.fullmatch(rf"{pin}|{digest}| *# .*", line)
        ]
        assert strange == [], name
        assert len(entries(lock)) == len(re.findall(r"==.* \\\n    --hash=", lock)), name
        assert "://" not in lock and "/home" not in lock, name


def test_what_pyproject_pins_is_locked_in_that_version():
    for name, wanted in DIRECT.items():
        locked = {pin.name: str(pin.specifier) for pin in entries(LOCKS[name])}
        for direct in map(Requirement, wanted):
            assert re.fullmatch(r"==[\w.]+", str(direct.specifier)), direct
            assert locked.get(direct.name) == str(direct.specifier), (name, direct)
    assert PROJECT["build-system"]["requires"] == PROJECT["dependency-groups"]["build"]


def test_both_locks_agree():
    first, second = ({str(pin) for pin in entries(lock)} for lock in LOCKS.values())
    names = {Requirement(pin).name for pin in first}
    assert {pin for pin in second if Requirement(pin).name in names} <= first


def test_decisions_explain_every_direct_dependency():
    text = (ROOT / "DECISIONS.md").read_text()
    table = text.split("## Direct dependencies")[1].split("\n## ")[0]
    named = [
        re.split(r", | \+ ", row) for row in re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)
    ]
    explained = {canonicalize_name(name) for row in named[1:] for name in row}
    assert explained == {Requirement(pin).name for pins in DIRECT.values() for pin in pins}


def test_no_pin_excludes_a_python_that_the_project_names():
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains("3.11.0")
    checked = set()
    for machine in MACHINES:
        version = machine["python_full_version"]
        for pin in pinned_on(machine).values():
            if found := metadata_of(pin):
                checked.add(pin.name)
                assert SpecifierSet(found["Requires-Python"] or "").contains(version), (
                    pin,
                    version,
                )
    assert len(checked) > 140


def needed(direct: list[str], machine: dict[str, str]) -> Iterator[tuple[Requirement, str]]:
    """Yield each requirement that counts on a machine, direct or not, and the package it is of."""
    pins = pinned_on(machine)
    waiting, seen = [(Requirement(pin), "pyproject.toml") for pin in direct], set()
    while waiting:
        wanted, parent = waiting.pop()
        yield wanted, parent
        name = canonicalize_name(wanted.name)
        for extra in {"", *wanted.extras} - {extra for one, extra in seen if one == name}:
            seen.add((name, extra))
            found = metadata_of(pins[name]) if name in pins else None
            for line in (found and found.get_all("Requires-Dist")) or []:
                requirement = parsed(line)
                if not requirement.marker or requirement.marker.evaluate(
                    {**machine, "extra": extra}
                ):
                    waiting.append((requirement, name))


def test_the_locks_hold_all_that_every_python_and_system_needs():
    direct = [pin for pins in DIRECT.values() for pin in pins]
    for machine in MACHINES:
        pins = pinned_on(machine)
        for wanted, parent in needed(direct, machine):
            pin = pins.get(canonicalize_name(wanted.name))
            assert pin, f"{wanted} ({parent}) is not locked for {machine}"
            # pip 23 takes a package with an extra for one that is not pinned.
            assert wanted.extras <= pin.extras, f"{wanted} ({parent}): the lock has no such extra"
            assert wanted.specifier.contains(str(pin.specifier)[2:], prereleases=True), (
                wanted,
                pin,
            )


def test_the_package_is_installed_with_what_is_locked_and_nothing_else():
    for step in (install.PRESENT, install.TEST, install.LOCK):
        for command in step.commands:
            if "pip" in command:
                assert "--no-build-isolation" in command
                assert "--require-hashes" in command or "--no-deps" in command
    tools = install.pins(LOCKS["requirements.txt"], install.PRESENT.tools)
    assert str(*entries(tools)) == PROJECT["build-system"]["requires"][0]
    assert "--hash=sha256:" in tools
    assert [
        pin.name for pin in entries(install.pins(LOCKS["tests/requirements.txt"], ("uv",)))
    ] == ["uv"]


def test_a_second_start_installs_nothing(place, capsys):
    install.ensure((STEP,), place)
    assert "Installing the step" in capsys.readouterr().out
    install.ensure((STEP,), place)
    assert capsys.readouterr().out == ""
    assert runs(place) == 1


def test_other_requirements_are_installed_at_the_next_start(place):
    install.ensure((STEP,), place)
    (place / "requirements.txt").write_text("one==2\n")
    install.ensure((STEP,), place)
    assert runs(place) == 2


def test_a_checkout_that_moved_is_installed_again(place):
    before = install.stamp(STEP, place)
    assert before != install.stamp(STEP, place.rename(place.with_name("moved")))


def test_another_python_is_another_stamp(place):
    assert install.stamp(STEP, place, version=(3, 11)) != install.stamp(
        STEP, place, version=(3, 12)
    )


def test_an_installation_that_failed_is_tried_again_and_says_what_to_do(place):
    fails = install.Step(
        "step", "Installing the step …", ("requirements.txt",), (("-c", "raise SystemExit(3)"),)
    )
    for _ in range(2):
        with pytest.raises(
            install.InstallError, match=r"Installing the step failed\. .* Then start again"
        ):
            install.ensure((fails,), place)
    assert not install.is_done(fails, place)


def wheel(folder: Path) -> Path:
    """Write a wheel of the empty package "one", version 1, which fits every Python."""
    path = folder / "one-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "one-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: one\nVersion: 1\n"
        )
        archive.writestr(
            "one-1.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("one-1.dist-info/RECORD", "")
    return path


def pip_says(place: Path, requirement: str, *options: str) -> str:
    """Return the message of a start whose pip, a real one, is asked for a requirement."""
    (place / "requirements.txt").write_text(requirement)
    arguments = [sys.executable, *install.PINNED, "requirements.txt", "--target", "there", *options]
    code = f"import os; os.execv({sys.executable!r}, {arguments!r})"
    step = install.Step("step", "Installing the step …", ("requirements.txt",), (("-c", code),))
    try:
        install.ensure((step,), place)
    except install.InstallError as error:
        return str(error)
    return ""


def test_a_file_of_another_hash_is_refused_and_named_as_the_cause(place):
    digest = hashlib.sha256(wheel(place).read_bytes()).hexdigest()
    from_here = ("--no-index", "--find-links", str(place))
    assert pip_says(place, f"one==1 --hash=sha256:{digest}\n", *from_here) == ""
    said = pip_says(place, f"one==1 --hash=sha256:{'0' * 64}\n", *from_here)
    assert "Installing the step failed. A download is not the file that the lock names." in said
    assert "network" not in said.partition("failed.")[2]


def test_a_requirement_without_hash_is_refused(place):
    wheel(place)
    assert "failed" in pip_says(place, "one==1\n", "--no-index", "--find-links", str(place))


def test_without_a_network_the_advice_is_the_network_or_a_folder(place):
    index = ("--index-url", "http://127.0.0.1:9/simple", "--retries", "1")
    said = pip_says(place, f"one==1 --hash=sha256:{'0' * 64}\n", *index)
    assert "out of reach. Check network, proxy and certificates" in said
    heading = re.search(r'TEACHING.md, "(.+?)"', said)[1]
    assert f"\n## {heading}\n" in (ROOT / "notebooks" / "TEACHING.md").read_text()


def test_a_package_that_fits_no_file_names_this_python_and_those_that_fit(place):
    said = pip_says(
        place, f"one==2 --hash=sha256:{'0' * 64}\n", "--no-index", "--find-links", str(wheel(place))
    )
    version = ".".join(map(str, sys.version_info[:3]))
    assert f"failed. No file fits Python {version} on " in said
    assert "Use Python 3.11 to 3.14 on Linux or macOS." in said
    assert "network" not in said.partition("failed.")[2]


def test_a_full_disk_is_said_to_be_full(place):
    code = "import sys; sys.exit('ERROR: Could not install: [Errno 28] No space left on device')"
    fails = install.Step("step", "Installing the step …", ("requirements.txt",), (("-c", code),))
    with pytest.raises(install.InstallError, match=r"failed\. The disk is full"):
        install.ensure((fails,), place)


def test_a_venv_of_another_python_is_made_again(place, monkeypatch):
    made = []
    monkeypatch.setattr(
        install.venv, "create", lambda folder, **options: made.append((folder, options["clear"]))
    )
    (place / ".venv" / "pyvenv.cfg").write_text("version = 3.10.1\n")
    install.ensure((STEP,), place)
    assert made == [(place / ".venv", True)]


@pytest.mark.parametrize("refusal", [subprocess.CalledProcessError(1, "ensurepip"), SystemExit(1)])
def test_a_python_without_venv_says_which_package_is_missing(place, monkeypatch, capsys, refusal):
    """Debian's venv prints its own advice and ends the process."""

    def refuse(*_: object, **__: object) -> None:
        print("recreate your virtual environment")
        raise refusal

    monkeypatch.setattr(install.venv, "create", refuse)
    (place / ".venv" / "bin" / "python").unlink()
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    for _ in range(2):
        with pytest.raises(install.InstallError, match=f"apt-get install {package}"):
            install.ensure((STEP,), place)
        assert not (place / ".venv").exists()  # a half-made one would be used next time
    assert "recreate" not in capsys.readouterr().out


@pytest.mark.parametrize("script", ["present", "test", "lock"])
def test_an_old_python_is_told_which_one_it_takes(root, script):
    pretend = (
        "import sys, runpy; sys.version_info = (3, 9, 6); "
        "runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend, root / "scripts" / script], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and this is 3.9" in done.stderr
    assert f"python3.13 scripts/{script}" in done.stderr


@pytest.mark.parametrize("script", ["present", "test", "lock"])
def test_a_script_starts_with_python_alone_and_can_be_executed(root, script):
    path = root / "scripts" / script
    assert path.stat().st_mode & 0o111
    done = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import ast; ast.parse(open({str(path)!r}).read(), feature_version=(3, 7))",
        ]
    )
    assert done.returncode == 0


def test_ci_runs_the_command_that_the_readme_names(root):
    lines = [
        line
        for line in (root / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert lines == ["scripts/test"]
    assert "\nscripts/test " in (root / "README.md").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_installation_that_is_stopped_takes_its_pip_with_it(place, root, number):
    """The start has one step, which sleeps as if the network were slow."""
    code = f"""
from pathlib import Path
from lambdadeck import install
pip = "import time; print('pip runs', flush=True); time.sleep(600)"
step = install.Step("step", "Installing the step …", ("requirements.txt",), (("-c", pip),))
install.ensure = (lambda ensure: lambda steps: ensure(steps, Path({str(place)!r})))(install.ensure)
install.run_module("lambdadeck.stage.present", [], (step,))
"""
    start = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert [start.stdout.readline(), start.stdout.readline()] == [
        "Installing the step …\n",
        "pip runs\n",
    ]
    children = psutil.Process(start.pid).children(recursive=True)
    start.send_signal(number)
    _, errors = start.communicate(timeout=60)
    assert start.returncode == 1
    assert "Stopped while installing" in errors and "Traceback" not in errors
    assert children and psutil.wait_procs(children, timeout=60)[1] == []


def test_binder_s_folder_holds_what_binder_reads_and_nothing_else():
    """A name that Binder does not know would be ignored without a word."""
    assert {path.name for path in BINDER.iterdir()} == {
        "apt.txt",
        "postBuild",
        "requirements.txt",
        "runtime.txt",
    }


def test_binder_s_requirements_are_those_of_everybody():
    lines = [
        line
        for line in (BINDER / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert [(BINDER / line.removeprefix("-r ")).resolve() for line in lines] == [
        ROOT / "requirements.txt"
    ]


def test_binder_s_python_is_one_that_the_project_takes():
    kind, _, version = (BINDER / "runtime.txt").read_text().strip().partition("-")
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert kind == "python"
    assert [int(part) for part in version.split(".")] >= [int(part) for part in oldest.split(".")]


def test_a_package_for_binder_stands_alone_on_its_line():
    packages = [
        line for line in (BINDER / "apt.txt").read_text().splitlines() if not line.startswith("#")
    ]
    assert packages == ["nodejs", "openjdk-17-jdk-headless", "mono-mcs"]


def test_binder_s_last_step_may_be_executed_and_stops_at_the_first_failure():
    script = BINDER / "postBuild"
    assert script.stat().st_mode & 0o111
    assert script.read_text().startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in script.read_text()
    subprocess.run(["bash", "-n", script], check=True)


def test_binder_s_last_step_installs_the_package_without_asking_for_other_versions(tmp_path):
    """The real script, with a python that only writes down what it is asked."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$@" >> "$ASKED"\n')
    python.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "ASKED": str(tmp_path / "asked")}
    subprocess.run([BINDER / "postBuild"], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "asked").read_text().splitlines() == [
        "-m pip install --no-cache-dir --no-deps --no-build-isolation --editable .",
        "-c import matplotlib.font_manager",
    ]
