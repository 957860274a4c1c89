"""What a machine lacks is named with the fix; what the talk can do without is amber."""

import datetime as dt
import importlib.metadata

import pytest

from lambdadeck import prices
from lambdadeck.check import machine
from lambdadeck.check.findings import Light
from lambdadeck.engine.languages import toolchains


def test_here_every_package_is_as_pinned():
    found = machine.packages()
    assert found.light is Light.GREEN and "each as pinned" in found.words


def test_a_package_of_another_version_is_amber_and_both_versions_are_named(tmp_path):
    here = importlib.metadata.version("idna")
    (tmp_path / "requirements.txt").write_text("# pins\nidna==0.1\n")
    found = machine.packages(tmp_path / "requirements.txt")
    assert (
        found.light is Light.AMBER
        and f"idna {here} (pinned: 0.1)" in found.words
        and "rm -r .venv" in found.todo
    )


def test_a_package_that_is_not_there_is_red(tmp_path):
    (tmp_path / "requirements.txt").write_text("idna==0.1\nno-such-package-here==1\n")
    found = machine.packages(tmp_path / "requirements.txt")
    assert found.light is Light.RED and found.words == "not installed: no-such-package-here"


def test_a_machine_with_an_empty_path_has_python_and_is_told_how_to_get_the_others(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    first, *missing = machine.languages()
    assert first.light is Light.GREEN and first.words.startswith("Python 3")
    assert [(one.light, one.words.split()[0]) for one in missing] == [
        (Light.AMBER, name) for name in ("Java", "Node.js", "C#")
    ]
    assert all("install" in one.todo for one in missing)


def test_a_language_that_is_found_is_named_with_its_version():
    try:
        version = toolchains.node().version
    except toolchains.MissingToolchainError:
        pytest.skip("Node.js is not here")
    assert f"Node.js {version}" in next(iter(machine.languages())).words


def test_another_python_than_the_slides_ask_for_is_said_beforehand_and_is_no_fault():
    (found,) = machine.python("3.11.7")
    assert (
        found.light is Light.GREEN
        and "python:3.11.7 (asked for python3.13" in found.words
        and "python3.13 scripts/check" in found.todo
    )
    assert list(machine.python("3.13.1")) == []


def test_where_containers_are_refused_it_is_said_what_does_not_hold():
    assert machine.containers(refused=False).light is Light.GREEN
    refused = machine.containers(refused=True)
    assert refused.light is Light.AMBER and "run as you" in refused.words


@pytest.mark.parametrize(
    ("today", "light"), [("2026-11-28", Light.GREEN), ("2026-11-29", Light.AMBER)]
)
def test_prices_are_amber_from_the_181st_day_on(tmp_path, today, light):
    for kind in ("lambda", "ec2"):
        (tmp_path / f"{kind}.csv").write_text(
            "region,as_of,confirmed\neu-west-1,2026-06-01,2026-05-01\n"
            "us-east-1,2026-03-20,2026-07-20\nnowhere-1,2020-01-01,\n"
        )
    found = machine.prices(dt.date.fromisoformat(today), tmp_path)
    assert found.light is light and "2026-06-01 (EC2)" in found.words
    assert ("refresh-prices" in found.todo) == (light is Light.AMBER)


def test_the_end_of_fresh_prices_is_the_last_day_on_which_no_slide_warns():
    words = machine.prices(dt.date(2026, 11, 23)).words
    last = dt.date.fromisoformat(words.split("fresh until ")[1].split(",")[0])
    oldest = last - dt.timedelta(days=prices.STALE_DAYS)
    assert not prices.is_stale(oldest, last) and prices.is_stale(
        oldest, last + dt.timedelta(days=1)
    )


def test_little_memory_or_disk_is_amber_with_what_to_do(monkeypatch):
    monkeypatch.setattr(machine, "MEMORY_MB", 1e9)
    assert (found := machine.room()).light is Light.AMBER and "close other programs" in found.todo
    monkeypatch.setattr(machine, "MEMORY_MB", 0)
    monkeypatch.setattr(machine, "DISK_MB", 1e12)
    assert (found := machine.room()).light is Light.AMBER and "free" in found.todo
    monkeypatch.setattr(machine, "DISK_MB", 0)
    assert machine.room().light is Light.GREEN


def test_a_busy_machine_is_said_to_be_one_before_anything_is_timed():
    (found,) = machine.load(1000.0)
    assert (
        found.light is Light.AMBER
        and "1000.0 programs" in found.words
        and "close other programs" in found.todo
    )
    assert list(machine.load(0.5)) == []


def test_a_browser_is_found_on_the_path_and_needs_a_display(tmp_path):
    program = tmp_path / "firefox"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    seen = machine.browser("linux", {"PATH": str(tmp_path), "DISPLAY": ":0"})
    assert seen.light is Light.GREEN and "firefox" in seen.words
    blind = machine.browser("linux", {"PATH": str(tmp_path)})
    assert (
        blind.light is Light.AMBER
        and "no display" in blind.words
        and "prints the address" in blind.todo
    )


def test_a_machine_without_a_browser_is_told_what_to_install(tmp_path):
    found = machine.browser("linux", {"PATH": str(tmp_path), "DISPLAY": ":0"})
    assert found.light is Light.AMBER and "apt-get install chromium" in found.todo


def test_jupyterlab_s_slides_are_an_extra(tmp_path):
    assert machine.lab().light is Light.GREEN
    assert (
        found := machine.lab(tmp_path)
    ).light is Light.AMBER and "the deck works without it" in found.words


def test_a_machine_without_a_battery_gets_no_line_about_one(monkeypatch):
    import psutil

    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    assert list(machine.power()) == []


def test_a_laptop_on_battery_is_told_to_be_plugged_in(monkeypatch):
    import psutil

    class Battery:
        percent, power_plugged = 81.4, False

    monkeypatch.setattr(psutil, "sensors_battery", Battery, raising=False)
    (found,) = machine.power()
    assert (
        found.light is Light.AMBER
        and found.words == "battery 81 %, not plugged in"
        and "plug it in" in found.todo
    )
    Battery.power_plugged = True
    assert next(machine.power()).light is Light.GREEN


def test_the_browsers_looked_for_hold_those_that_print_the_export():
    from lambdadeck.export import pdf

    assert set(pdf.CHROMIUMS) - {pdf.HEADLESS} <= set(machine.BROWSERS)
