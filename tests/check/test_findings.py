"""A finding is words and signs, never color alone; only red makes the exit code 1."""

import io
import json

import pytest

import lambdadeck
from lambdadeck.check import findings
from lambdadeck.check.findings import Printer, amber, green, red

GREEN, AMBER, RED = (
    green("disk", "12 GB free"),
    amber("screen", "unknown", "look at it"),
    red("kernel", "it died", "fix it"),
)


def test_a_line_holds_sign_word_name_finding_and_what_to_do():
    assert findings.line(AMBER) == "! amber  screen      unknown  → look at it"
    assert findings.line(GREEN) == "✓ green  disk        12 GB free"
    assert findings.line(RED).startswith("✗ red ")


def test_colour_only_adds_to_sign_and_word():
    colored = findings.line(RED, colored=True)
    assert "✗ red" in colored and colored.count("\x1b[") == 2


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ([GREEN], 0, "The talk can be given: 1 green."),
        ([GREEN, AMBER, AMBER], 0, "The talk can be given: 1 green, 2 amber. The amber items"),
        ([GREEN, AMBER, RED], 1, "The talk cannot be given: 1 green, 1 amber, 1 red. Fix"),
    ],
)
def test_only_red_stops_the_talk(found, code, said):
    assert findings.exit_code(found) == code
    assert findings.verdict(found).startswith(said)


def test_where_nobody_looks_there_is_no_colour_and_nothing_is_overwritten():
    out = io.StringIO()
    printer = Printer(out)
    printer.doing("looking …")
    printer.found(GREEN)
    assert out.getvalue() == findings.line(GREEN) + "\n"
    assert printer.findings == [GREEN]


def test_json_holds_every_finding_and_the_verdict():
    text = json.loads(findings.as_json([green("cell", "…", seconds=1.23456), RED]))
    assert text["version"] == lambdadeck.__version__
    assert text["exit"] == 1 and "cannot be given" in text["verdict"]
    assert text["findings"][0] == {
        "name": "cell",
        "light": "green",
        "words": "…",
        "todo": "",
        "seconds": 1.235,
    }
    assert text["findings"][1]["todo"] == "fix it"
