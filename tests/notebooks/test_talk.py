"""The talk fits its time: the notes say how long each slide takes, and which paths it is on."""

import json
import re

import pytest

from lambdadeck.shared.paths import DECK

NOTE = re.compile(
    r"\*\*(?P<minutes>[\d.]+) min(?P<on_request>, on request)? · "
    r"15-minute talk: (?P<short>show|skip)\.\*\*"
)


@pytest.fixture(scope="module")
def notes() -> list[re.Match[str]]:
    deck = json.loads(DECK.read_text(encoding="utf-8"))
    texts = [
        "".join(cell["source"])
        for cell in deck["cells"]
        if cell["metadata"]["slideshow"]["slide_type"] == "notes"
    ]
    found = [NOTE.match(text) for text in texts]
    assert [text[:60] for text, note in zip(texts, found, strict=True) if note is None] == []
    return [note for note in found if note]


def test_the_talk_takes_forty_minutes_at_the_most(notes):
    assert 30 <= sum(float(note["minutes"]) for note in notes if not note["on_request"]) <= 40


def test_the_short_path_takes_fifteen(notes):
    short = [note for note in notes if note["short"] == "show"]
    assert 10 <= sum(float(note["minutes"]) for note in short) <= 15
    assert not [note for note in short if note["on_request"]]


def test_no_slide_takes_more_than_two_minutes(notes):
    assert max(float(note["minutes"]) for note in notes) <= 2


def test_every_note_says_what_to_do_when_the_room_is_quiet_and_when_the_cell_fails(notes):
    helps = re.compile(r"\n\n\*\*Quiet room:\*\* \S.*\n\n\*\*If the cell fails:\*\* \S")
    assert [note.string[:60] for note in notes if not helps.search(note.string)] == []
