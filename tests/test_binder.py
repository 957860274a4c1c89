"""The repository as Binder takes it: the folder binder/, and the link that opens it."""

import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from lambdadeck import binder

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "binder"


def said(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lambdadeck.binder"],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
    )


def test_the_folder_holds_what_binder_reads_and_nothing_else():
    """A name that Binder does not know would be ignored without a word."""
    assert {path.name for path in FOLDER.iterdir()} == {
        "apt.txt",
        "postBuild",
        "requirements.txt",
        "runtime.txt",
    }


def test_the_requirements_are_those_of_everybody():
    lines = [
        line
        for line in (FOLDER / "requirements.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert [(FOLDER / line.removeprefix("-r ")).resolve() for line in lines] == [
        ROOT / "requirements.txt"
    ]


def test_python_is_one_that_the_project_takes():
    kind, _, version = (FOLDER / "runtime.txt").read_text().strip().partition("-")
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "requires-python"
    ].removeprefix(">=")
    assert kind == "python"
    assert [int(part) for part in version.split(".")] >= [int(part) for part in oldest.split(".")]


def test_a_package_stands_alone_on_its_line():
    packages = [
        line for line in (FOLDER / "apt.txt").read_text().splitlines() if not line.startswith("#")
    ]
    assert packages == ["nodejs", "openjdk-17-jdk-headless", "mono-mcs"]


def test_the_last_step_may_be_executed_and_stops_at_the_first_failure():
    script = FOLDER / "postBuild"
    assert script.stat().st_mode & 0o111
    assert script.read_text().startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in script.read_text()
    subprocess.run(["bash", "-n", script], check=True)


def test_the_last_step_installs_the_package_without_asking_for_other_versions(tmp_path):
    """The real script, with a python that only writes down what it is asked."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$@" >> "$ASKED"\n')
    python.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "ASKED": str(tmp_path / "asked")}
    subprocess.run([FOLDER / "postBuild"], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "asked").read_text().splitlines() == [
        "-m pip install --no-cache-dir --no-deps --no-build-isolation --editable .",
        "-c import matplotlib.font_manager",
    ]


def test_the_link_opens_the_first_lab_in_jupyterlab():
    parts = urlsplit(binder.link("somebody/aws-lambda.live"))
    assert (parts.scheme, parts.netloc, parts.path) == (
        "https",
        "mybinder.org",
        "/v2/gh/somebody/aws-lambda.live/HEAD",
    )
    view, tree, path = parse_qs(parts.query)["urlpath"][0].split("/", 2)
    assert (view, tree) == ("lab", "tree")
    assert (ROOT / unquote(path)).is_file()


def test_a_branch_with_a_slash_stays_one_part_of_the_path():
    assert urlsplit(binder.link("a/b", revision="course/2026")).path == "/v2/gh/a/b/course%2F2026"


def test_a_notebook_with_a_space_is_still_found():
    urlpath = parse_qs(urlsplit(binder.link("a/b", "notebooks/my lab.ipynb")).query)["urlpath"][0]
    assert urlpath == "lab/tree/notebooks/my%20lab.ipynb"


@pytest.mark.parametrize(
    "repository", ["", "name", "https://github.com/a/b", "a/b/c", "a/b?x", "-a/b", "a/b)", "a /b"]
)
def test_what_is_no_repository_is_refused_with_a_sentence(repository):
    with pytest.raises(ValueError, match="write owner/name in LAMBDADECK_REPOSITORY"):
        binder.link(repository)


def test_one_variable_makes_the_link():
    answer = said(LAMBDADECK_REPOSITORY="somebody/lambda")
    assert answer.stdout == f"[Open the labs on Binder]({binder.link('somebody/lambda')})\n"
    assert (answer.returncode, answer.stderr) == (0, "")


def test_without_the_variable_it_says_what_to_write():
    answer = said()
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "owner/name" in answer.stderr
