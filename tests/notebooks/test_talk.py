"""The talk fits its time: the notes say how long each slide takes, and which paths it is on."""

import re

from lambdadeck import costs
from lambdadeck.reference import cold_starts
from lambdadeck.shared.paths import ASSETS, DECK
from tests.support.notebooks import slides

NOTE = re.compile(
    r"\*\*(?P<minutes>[\d.]+) min(?P<on_request>, on request)? · "
    r"15-minute talk: (?P<short>show|skip)\.\*\*"
)
SLIDES = slides(DECK)
TEXTS = {slide.title: next(c.source for c in slide.cells if c.is_note) for slide in SLIDES}
NOTES = {title: NOTE.match(text) for title, text in TEXTS.items()}
FOUND = [note for note in NOTES.values() if note]


def test_every_note_begins_with_its_minutes_and_its_paths():
    assert [title for title, note in NOTES.items() if note is None] == []


def test_the_talk_leaves_four_of_its_thirty_five_minutes_to_questions():
    assert 25 <= sum(float(note["minutes"]) for note in FOUND if not note["on_request"]) <= 31


def test_the_short_path_leaves_two_of_its_fifteen_minutes_to_questions():
    short = [note for note in FOUND if note["short"] == "show"]
    assert 10 <= sum(float(note["minutes"]) for note in short) <= 13
    assert not [note for note in short if note["on_request"]]


def test_the_first_note_states_the_minutes_of_both_paths():
    whole, short = (
        sum(float(note["minutes"]) for note in FOUND if on_it(note))
        for on_it in (lambda note: not note["on_request"], lambda note: note["short"] == "show")
    )
    assert f"takes {whole:g} minutes" in next(iter(TEXTS.values()))
    assert f"takes {short:g} of its 15" in next(iter(TEXTS.values()))


def test_the_routes_that_space_follows_are_those_of_the_notes():
    def of(note):
        route = "15" if note["short"] == "show" else "all" if note["on_request"] else "35"
        return {"minutes": float(note["minutes"]), "route": route}

    assert {slide.title: slide.talk for slide in SLIDES} == {t: of(n) for t, n in NOTES.items()}


def test_no_slide_takes_more_than_two_minutes():
    assert max(float(note["minutes"]) for note in FOUND) <= 2


def test_a_note_says_first_what_to_do_if_the_cell_fails_and_last_what_to_ask_a_quiet_room():
    parts = re.compile(r"\*\*(If the cell fails|Quiet room):\*\* \S")
    wrong = {}
    for slide in SLIDES:
        _, second, *_ = TEXTS[slide.title].split("\n\n")
        last = TEXTS[slide.title].rpartition("\n\n")[2]
        labels = parts.findall(TEXTS[slide.title])
        expected = ["If the cell fails"] * bool(slide.code) + ["Quiet room"]
        at_its_place = not slide.code or second.startswith("**If the cell fails:**")
        if labels != expected or not at_its_place or not last.startswith("**Quiet room:**"):
            wrong[slide.title] = labels
    assert wrong == {}


def test_the_last_slide_is_one_to_take_away():
    assert not SLIDES[-1].code and SLIDES[-1].words


def test_the_numbers_to_take_home_are_those_of_the_tables():
    init, load = cold_starts.measured(), {"region": "eu-west-1", "duration_ms": 100}
    full = {**load, "memory_mb": costs.FULL_VCPU_MB}
    idle = costs.lambda_bill(0, arch="x86_64", **full).total_usd
    even = costs.break_even("c6i.large", **full, utilization=costs.UTILIZATION)
    numbers = [f"{init.init_ms:.0f} ms", f"${idle:g}", costs.human_count(even.requests)]
    pictures = re.findall(r"!\[(.+?)\]\(../assets/images/(.+?)\)", SLIDES[-1].markdown)
    drawn = [(ASSETS / "images" / name).read_text("utf-8") for _, name in pictures]
    assert [re.search('class="number"[^>]*>([^<]+)<', text)[1] for text in drawn] == numbers
    said = [re.match(r"(\d+ (ms|dollars|million))", alt)[1] for alt, _ in pictures]
    assert said == [number.replace("$0", "0 dollars") for number in numbers]
    note = TEXTS[SLIDES[-1].title]
    assert f"{numbers[0]} is the mean of a hello world with {init.memory_mb} MB" in note
    assert f"{init.as_of:%B %Y}" in note and f"{numbers[2]} is the curve's" in note
