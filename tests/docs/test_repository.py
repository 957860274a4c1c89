"""The workflow, the development container, .editorconfig and the changelog fit the project."""

import configparser
import json
import re
import shlex
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

import lambdadeck
from lambdadeck import lock
from lambdadeck.export import cli
from lambdadeck.stage import ports


@pytest.fixture(scope="module")
def workflow(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / ".github" / "workflows" / "test.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def container(root: Path) -> dict[str, Any]:
    return json.loads((root / ".devcontainer" / "devcontainer.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def admitted(root: Path) -> SpecifierSet:
    """Return the versions of Python that pyproject.toml admits."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return SpecifierSet(project["requires-python"])


def test_the_site_is_published_with_options_that_the_export_has(root):
    jobs = yaml.safe_load((root / ".github" / "workflows" / "pages.yml").read_text("utf-8"))["jobs"]
    commands = [step["run"] for step in jobs["publish"]["steps"] if "run" in step]
    arguments = shlex.split(commands[0].replace("$SITE", "https://a.example"))
    asked = cli.options(arguments[1:])
    assert arguments[0] == "scripts/export" and asked.has_index and not asked.with_notes
    assert asked.out == Path("site") and asked.site == "https://a.example"


def test_the_workflow_runs_every_python_from_the_oldest_to_the_newest(workflow, admitted):
    oldest, newest = (int(version.split(".")[1]) for version in lock.PYTHONS)
    tested = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert tested == [f"3.{minor}" for minor in range(oldest, newest + 1)]
    assert all(version in admitted for version in tested) and f"3.{oldest - 1}" not in admitted


def test_the_workflow_runs_scripts_test_on_linux_and_macos_as_ci(workflow, root):
    job = workflow["jobs"]["test"]
    systems = [re.sub(r"-.*", "", system) for system in job["strategy"]["matrix"]["system"]]
    assert systems == ["ubuntu", "macos"] and job["env"]["CI"] == "true"
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands == ["scripts/test"] == (root / ".ci/run").read_text().splitlines()[1:]


def test_the_development_container_has_an_admitted_python_and_forwards_the_port(
    container, admitted
):
    python = re.fullmatch(r"python:([\d.]+)-\w+", container["image"])
    assert python and python[1] in admitted
    assert container["forwardPorts"] == [ports.FIRST_PORT]


def test_the_development_container_runs_commands_that_exist(container, root):
    commands = [
        container["postCreateCommand"],
        *(p["label"] for p in container["portsAttributes"].values()),
    ]
    for command in commands:
        program = root / command.split()[0]
        assert program.is_file() and program.stat().st_mode & stat.S_IXUSR, command


def editor(root: Path) -> configparser.ConfigParser:
    """Return the sections of .editorconfig."""
    read = configparser.ConfigParser()
    read.read_string("[top]\n" + (root / ".editorconfig").read_text("utf-8"))
    return read


def files(root: Path) -> dict[str, bytes]:
    """Return the text files that we wrote, by name."""
    listed = subprocess.run(["git", "ls-files"], cwd=root, text=True, capture_output=True)
    others = ("assets/deck/reveal/", "assets/fonts/", "tests/vendor/")
    names = [name for name in listed.stdout.splitlines() if not name.startswith(others)]
    texts = {name: (root / name).read_bytes() for name in names if (root / name).is_file()}
    return {name: text for name, text in texts.items() if b"\0" not in text}


@pytest.mark.skipif(shutil.which("git") is None, reason="git lists the files")
def test_files_are_as_editorconfig_says(root):
    rules = editor(root)["*"]
    assert rules["end_of_line"] == "lf" and rules["indent_style"] == "space"
    assert rules["insert_final_newline"] == rules["trim_trailing_whitespace"] == "true"
    wrong = [
        name
        for name, text in files(root).items()
        if b"\r" in text or b"\t" in text or re.search(rb"[ ]\n|[^\n]\Z", text)
    ]
    assert wrong == []


def test_editors_and_ruff_agree_on_the_length_of_a_line(root):
    section = next(name for name in editor(root).sections() if ",py," in name)
    pyproject = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    assert int(editor(root)[section]["max_line_length"]) == pyproject["tool"]["ruff"]["line-length"]


def test_the_changelog_begins_with_this_version_and_has_the_headings_of_keep_a_changelog(root):
    text = (root / "CHANGELOG.md").read_text("utf-8")
    releases = re.findall(
        r"^## (\d+\.\d+\.\d+) - (Unreleased|\d{4}-\d\d-\d\d)$", text, re.MULTILINE
    )
    assert releases[0][0] == lambdadeck.__version__
    assert len(releases) == len(re.findall(r"^## ", text, re.MULTILINE))
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= {
        "Added",
        "Changed",
        "Deprecated",
        "Removed",
        "Fixed",
        "Security",
    }


# Tables whose last column names tests: the file, what stands before, rows, and those without one.
TESTED = {
    "CONTRIBUTING.md": ("## Attacks", 15, []),
    "README.md": ("| promise |", 8, ["a network of its own", "a security boundary"]),
}


@pytest.mark.parametrize("name", TESTED)
def test_every_row_of_a_table_of_tests_names_one_that_exists(root, name):
    begin, least, untested = TESTED[name]
    table = (root / name).read_text("utf-8").partition(begin)[2].partition("\n## ")[0]
    rows = [row for row in table.splitlines() if row.startswith("| ")]
    rows = rows if begin.startswith("|") else rows[1:]
    named = [re.findall(r"`((?:test_|engine/)[^`]+)`", row.split(" | ")[-1]) for row in rows]
    without = [row.split(" | ")[0][2:] for row, tests in zip(rows, named, strict=True) if not tests]
    assert len(rows) >= least and without == untested
    tests = root / "tests"
    there = "".join(path.read_text("utf-8") for path in tests.rglob("test_*.py"))
    missing = [
        name
        for names in named
        for name in names
        if f"def {name}(" not in there and not (tests / name).is_file()
    ]
    assert not missing
