"""The .venv is made once, renewed when what it is made from changes, and a start that cannot be made says what to do."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from lambdadeck import install

STEP = install.Step(
    "step", "Installing the step …", ("requirements.txt",), (("-c", "open('ran', 'a').write('x')"),)
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A checkout with a .venv that is there already: a link to this Python is enough."""
    (tmp_path / "requirements.txt").write_text("one==1\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    version = ".".join(map(str, sys.version_info[:3]))
    (tmp_path / ".venv" / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")
    return tmp_path


def runs(place: Path) -> int:
    """How often the step's command ran."""
    return len((place / "ran").read_text()) if (place / "ran").exists() else 0


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
        with pytest.raises(install.InstallError, match="Installing the step failed. .* Then start again"):
            install.ensure((fails,), place)
    assert not install.is_done(fails, place)


def test_a_venv_of_another_python_is_made_anew(place, monkeypatch):
    made = []
    monkeypatch.setattr(
        install.venv, "create", lambda folder, **options: made.append((folder, options["clear"]))
    )
    (place / ".venv" / "pyvenv.cfg").write_text("version = 3.10.1\n")
    install.ensure((STEP,), place)
    assert made == [(place / ".venv", True)]


def test_a_python_without_venv_says_which_package_is_missing(place, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "ensurepip")

    monkeypatch.setattr(install.venv, "create", refuse)
    (place / ".venv" / "bin" / "python").unlink()
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    for _ in range(2):
        with pytest.raises(install.InstallError, match=f"apt-get install {package}"):
            install.ensure((STEP,), place)
        assert not (place / ".venv").exists()  # a half-made one would be used next time


@pytest.mark.parametrize("script", ["present", "test"])
def test_an_old_python_is_told_which_one_it_takes(root, script):
    """The script is run by this Python, which is told to be an old one."""
    pretend = "import sys, runpy; sys.version_info = (3, 9, 6); runpy.run_path(sys.argv[1], run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend, root / "scripts" / script], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and this is 3.9" in done.stderr
    assert f"python3.13 scripts/{script}" in done.stderr


@pytest.mark.parametrize("script", ["present", "test"])
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
    """A start whose one step sleeps for ever, as a slow network would have it."""
    code = f"""
from pathlib import Path
from lambdadeck import install
step = install.Step("step", "Installing the step …", ("requirements.txt",), (("-c", "import time; print('pip runs', flush=True); time.sleep(600)"),))
install.ensure = (lambda ensure: lambda steps: ensure(steps, Path({str(place)!r})))(install.ensure)
install.run_module("lambdadeck.stage.server_extension.present", [], (step,))
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
