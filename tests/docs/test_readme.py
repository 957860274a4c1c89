"""README.md and CONTRIBUTING.md are true: commands, flags, links, files, minutes, dates."""

import re
import subprocess
from pathlib import Path

import pytest

from lambdadeck import prices
from lambdadeck.labs import catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    name: (ROOT / name).read_text("utf-8")
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        "notebooks/TEACHING.md",
        "notebooks/SERVERS.md",
        "notebooks/solutions/README.md",
    )
}
WORDS = "\n".join(PAGES.values())
SCRIPTS = sorted(set(re.findall(r"scripts/([a-z-]+)", WORDS)))
CODE = re.findall(r"`([^`\n]+)`", WORDS) + re.findall(
    r"^(scripts/.+?)(?:  +#.*)?$", WORDS, re.MULTILINE
)
FLAGS = sorted(
    {
        (found[1], flag)
        for code in CODE
        if (found := re.match(r"scripts/([a-z-]+)", code))
        for flag in re.findall(r"--[a-z-]+", code)
    }
)


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """Return what each script answers to --help."""
    asked = [
        name for name in SCRIPTS if name not in ("test", "refresh-prices")
    ]  # these two hand their words on
    return {
        name: subprocess.run(
            [ROOT / "scripts" / name, "--help"], check=True, capture_output=True, text=True
        ).stdout
        for name in asked
    }


def test_every_script_that_is_named_is_there() -> None:
    assert [name for name in SCRIPTS if not (ROOT / "scripts" / name).is_file()] == []


def test_every_script_that_is_there_is_named() -> None:
    assert [path.name for path in (ROOT / "scripts").iterdir() if path.name not in SCRIPTS] == []


def test_every_script_explains_itself(said: dict[str, str]) -> None:
    assert {name for name, words in said.items() if "usage: scripts/" not in words} == set()


def test_every_flag_that_is_named_exists(said: dict[str, str]) -> None:
    assert [(name, flag) for name, flag in FLAGS if name in said and flag not in said[name]] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", PAGES[name])
    assert [
        target
        for target in targets
        if "://" not in target and not (ROOT / name).parent.joinpath(target).exists()
    ] == []


def test_every_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"(?:lambdadeck|assets|notebooks|tests)/[\w./*-]+\w", WORDS))
    assert [
        name
        for name in sorted(named)
        if not re.search(r"NAME|/N-|labN", name) and not list(ROOT.glob(name))
    ] == []


def test_the_labs_and_their_minutes_are_those_of_the_labs() -> None:
    rows = re.findall(r"^\| \[(\d) (.+?)\]\(.+?\) \| (\d+) \|", PAGES["README.md"], re.MULTILINE)
    labs = [catalogue.lab(number) for number in catalogue.numbers()]
    assert rows == [(str(lab.number), lab.title, str(lab.minutes)) for lab in labs]


def test_the_dates_of_the_prices_are_those_of_the_tables() -> None:
    lambda_date = prices.lambda_price("eu-west-1", "x86_64").as_of
    ec2_date = prices.ec2_price("us-east-1", "c6i.large").as_of
    assert f"Tables as of {lambda_date} (Lambda) and {ec2_date}" in PAGES["README.md"].replace(
        "\n", " "
    )
