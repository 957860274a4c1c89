"""The four languages on one slide: answers, versions, times, and what this machine lacks."""

import datetime as dt
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lambdadeck import engine, languages
from lambdadeck.engine.languages import toolchains
from lambdadeck.reference import runtimes
from tests.support.lambdas import Lambdas
from tests.support.speaking import needs

TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def greetings(lambdas):
    """All four, called once for the tests of this module."""
    for language in ("nodejs", "java", "csharp"):
        needs(language)
    return {
        greeting.language: greeting for greeting in languages.call_all("Ada", client=lambdas.client)
    }


def test_they_are_the_four_of_the_talk_in_its_order(greetings):
    assert list(greetings) == ["Java", "Node.js", "Python", "C#"]


def test_each_greets_by_name_and_has_its_times(greetings):
    for greeting in greetings.values():
        assert (greeting.answer, greeting.error) == ("Hello, Ada!", "")
        assert 0 < greeting.warm_ms < greeting.cold_ms < 10_000


def test_each_says_which_version_really_ran(greetings):
    assert greetings["Java"].ran_on == f"Java {toolchains.jdk().version}"
    assert greetings["Node.js"].ran_on == f"Node.js {toolchains.node().version}"
    assert greetings["Python"].ran_on.startswith("Python 3.")
    assert toolchains.csharp().version in greetings["C#"].ran_on
    assert greetings["C#"].ran_on.startswith(
        "Mono" if toolchains.csharp().name == "mono" else ".NET"
    )


def test_beside_each_stands_what_aws_was_measured_to_take(greetings):
    for greeting in greetings.values():
        assert (
            greeting.aws.runtime == greeting.runtime
            and greeting.aws.memory_mb == languages.MEMORY_MB
        )
        assert greeting.aws.init_ms > 0


def test_the_table_has_a_row_for_each_and_says_what_is_recorded(greetings):
    table = languages.table(list(greetings.values()))
    assert [row[0] for row in table.rows] == ["Java", "Node.js", "Python", "C#"]
    assert "recorded" in table.caption and "maxday/lambda-perf, August 2026" in table.caption


def test_a_second_round_is_cold_again(greetings, lambdas):
    again = languages.call_all("Bob", languages.ALL[2:3], client=lambdas.client)
    assert again[0].answer == "Hello, Bob!" and again[0].cold_ms > 0


def test_a_machine_without_node_java_and_mono_names_what_is_missing_and_runs_the_rest(monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    bare = engine.start()
    try:
        greetings = {
            one.language: one for one in languages.call_all("Ada", client=Lambdas(bare).client)
        }
    finally:
        bare.stop()
    assert greetings["Python"].answer == "Hello, Ada!" and not greetings["Python"].error
    for language in ("Java", "Node.js", "C#"):
        assert greetings[language].cold_ms is None and re.search(
            "^needs .+ here none: (apt-get|brew) install", greetings[language].error
        )
        assert greetings[language].aws, "what AWS takes is known all the same"
    table = languages.table(list(greetings.values()))
    rows = {row[0]: row for row in table.rows}
    assert "Java needs a JDK 17 or newer, here none: " in table.caption
    assert rows["Java"][1] == "none, see below" and rows["Java"][3:5] == ["–", "–"]


def test_a_function_that_fails_says_so_in_its_row(lambdas):
    wrong = replace(languages.ALL[2], handler="app.nowhere", folder="python")
    assert "nowhere" in languages.call_all("Ada", [wrong], client=lambdas.client)[0].error


def test_the_runtime_is_the_machines_own_version_unless_aws_has_none_to_create():
    cases = [
        ("nodejs", "22.3.0", "nodejs22.x"),
        ("nodejs", "20.20.2", "nodejs20.x"),
        ("nodejs", "18.19.0", "nodejs18.x"),
        ("nodejs", "16.0.0", "nodejs16.x"),
        ("nodejs", "99.0.0", "nodejs24.x"),
        ("nodejs", "12.0.0", "nodejs24.x"),
        ("java", "17.0.15", "java17"),
        ("java", "26", "java25"),
        ("python", "3.11.7", "python3.11"),
        ("python", "3.1.7", "python3.14"),
        ("dotnet", "10.0.1", "dotnet10"),
        ("dotnet", "0", "dotnet10"),
        ("java", "", "java25"),
    ]
    chosen = [languages.runtime(family, version, today=TODAY) for family, version, _ in cases]
    assert chosen == [identifier for *_, identifier in cases]


def test_a_runtime_that_is_blocked_by_then_is_not_chosen():
    block = runtimes.table()["nodejs20.x"].create_block
    assert languages.runtime("nodejs", "20.1.0", today=block) == "nodejs24.x"
    assert languages.runtime("nodejs", "20.1.0", today=block - dt.timedelta(days=1)) == "nodejs20.x"


# --- on AWS ---------------------------------------------------------------------------------------


def test_on_aws_node_need_not_be_on_this_machine(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(toolchains.MissingToolchainError):
        languages._node()
    monkeypatch.setenv("LAMBDADECK_CLOUD", "aws")
    assert languages.runtime("nodejs", languages._node()) == languages.runtime("nodejs", "")


def test_what_mono_compiles_is_not_sent_to_aws(monkeypatch):
    monkeypatch.setattr(
        toolchains, "csharp", lambda: toolchains.Mono(Path("mcs"), Path("mono"), "6.12")
    )
    assert languages._csharp() == "0"
    monkeypatch.setenv("LAMBDADECK_CLOUD", "aws")
    with pytest.raises(
        toolchains.MissingToolchainError,
        match=r"C# functions need .NET's SDK for AWS; this machine has only Mono 6.12",
    ):
        languages._csharp()
