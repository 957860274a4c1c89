"""The teacher's page says of the labs what the labs are."""

import itertools
import re
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from lambdadeck.labs import catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "notebooks" / "TEACHING.md").read_text("utf-8")
AFTERNOON = re.findall(r"^\| (\d\d:\d\d) \| (.+?) \| (\d+) \|$", PAGE, re.MULTILINE)

every_lab = pytest.mark.parametrize("number", catalogue.numbers())


@every_lab
def test_the_afternoon_gives_each_lab_its_minutes(number):
    lab = catalogue.lab(number)
    assert [int(minutes) for _, what, minutes in AFTERNOON if what == f"{number} {lab.title}"] == [
        lab.minutes
    ]


def test_nothing_begins_before_what_comes_before_is_over():
    times = [
        (datetime.strptime(at, "%H:%M"), timedelta(minutes=int(minutes)))
        for at, _, minutes in AFTERNOON
    ]
    assert len(times) > len(catalogue.numbers())
    for (begins, takes), (after, _) in itertools.pairwise(times):
        assert begins + takes <= after


@every_lab
def test_the_misconceptions_of_every_check_are_named(number):
    line = re.search(rf"^- \*\*Lab {number}\.\*\* (.+)$", PAGE, re.MULTILINE)
    said = re.findall(r"\*([a-z-]+)\*: ([^;]+)", line[1])
    assert [key for key, words in said if words.strip()] == [
        check.key for check in catalogue.lab(number).checks
    ]


def test_binder_s_link_opens_a_lab_in_jupyterlab():
    (link,) = re.findall(r"https://\S*binder\S*urlpath=[\w%.-]+", PAGE)
    parts = urlsplit(link)
    assert parts.netloc + parts.path == "mybinder.org/v2/gh/OWNER/NAME/HEAD"
    view, tree, path = parse_qs(parts.query)["urlpath"][0].split("/", 2)
    assert (view, tree) == ("lab", "tree")
    assert (ROOT / unquote(path)).is_file()


def test_the_files_that_it_names_are_there():
    named = set(re.findall(r"(?:scripts|notebooks|tests)/[\w./-]+", PAGE)) - {"notebooks/1-"}
    assert len(named) >= 4
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_it_can_be_read_in_a_break():
    assert len(PAGE.splitlines()) < 120
