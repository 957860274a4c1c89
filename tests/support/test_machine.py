"""System packages: named when they are missing, installed only when asked for."""

import pytest

from tests import __main__ as command
from tests.support import machine

LACKING = machine.Need("chromium", "the tests that open the deck in a real browser", lambda: False)


@pytest.fixture
def calls(monkeypatch):
    """Record what would be done: packages installed, pytest's arguments."""
    done: dict[str, object] = {"installed": []}
    monkeypatch.setattr(machine, "NEEDS", (LACKING,))
    monkeypatch.setattr(
        machine, "install", lambda needs: done.update(installed=[need.package for need in needs])
    )
    monkeypatch.setattr(
        command.pytest, "main", lambda arguments: done.update(pytest=arguments) or 0
    )
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(machine, "can_install", lambda: True)
    return done


def test_a_missing_package_is_named_and_not_installed(calls, capsys):
    assert command.main(["-k", "word"]) == 0
    assert calls == {"installed": [], "pytest": ["-k", "word"]}
    assert (
        "Without chromium, the tests that open the deck in a real browser are skipped"
        in capsys.readouterr().out
    )


def test_install_asks_for_it(calls):
    command.main(["--install", "tests/test_report.py"])
    assert calls == {"installed": ["chromium"], "pytest": ["tests/test_report.py"]}


def test_ci_asks_for_it_too(calls, monkeypatch):
    monkeypatch.setenv("CI", "true")
    command.main([])
    assert calls["installed"] == ["chromium"]


def test_ci_without_apt_get_skips_what_is_missing(calls, monkeypatch, capsys):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(machine, "can_install", lambda: False)
    command.main([])
    assert calls["installed"] == []
    assert "Get it with: the package manager of this system" in capsys.readouterr().out


def test_a_package_that_an_earlier_one_brought_is_not_installed(monkeypatch, capsys):
    came = iter([False, True])
    both = [machine.Need(name, "tests", lambda: next(came)) for name in ("nodejs", "npm")]
    ran: list[tuple[str, ...]] = []
    monkeypatch.setattr(machine, "can_install", lambda: True)
    monkeypatch.setattr(machine, "_apt_get", lambda *arguments: ran.append(arguments))
    machine.install(both)
    assert [arguments[-1] for arguments in ran] == ["-qq", "nodejs"]


def test_without_apt_get_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="Install chromium with its package manager"):
        machine.install([LACKING])


def test_the_exit_code_is_pytests(calls, monkeypatch):
    monkeypatch.setattr(command.pytest, "main", lambda arguments: 5)
    assert command.main([]) == 5
