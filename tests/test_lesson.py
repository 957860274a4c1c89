"""What the labs' cells call: guesses, verdicts, hints, progress between sittings."""

import json
import os
import subprocess
import sys

import pytest

from lambdadeck import lesson
from lambdadeck.labs import blanks, catalogue, grading, predictions, probes, progress
from lambdadeck.labs.model import BLANK, MISS, RIGHT, Check, Choice, Number
from lambdadeck.report import parse
from lambdadeck.shared import state as state_module


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """A state folder of the test's own; whatever folder a lab goes to, the test comes back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(state_module.VARIABLE, str(tmp_path / "state"))
    return tmp_path / "state"


def cold_starts(logs):
    return sum(parse(log).cold for log in logs)


# --- predict and reveal -------------------------------------------------------------------------------------------


def test_a_prediction_that_is_blank_says_what_a_guess_looks_like():
    assert repr(lesson.predict("1.ticks", ...)) == (
        "Your guess is still blank: write a number (ticks) in place of ... and run this cell again."
    )
    assert "c: nothing: it must not look" in repr(lesson.predict("1.memory", ...))


def test_a_guess_is_recorded_and_stands_beside_the_result():
    assert repr(lesson.predict("1.faster", 40)) == "Your guess: 40 times. Now run the next cell."
    assert (
        repr(lesson.reveal("1.faster", 8))
        == "Your guess: 40 times. Result: 8 times. Your guess was 5 times too high."
    )


def test_a_guess_survives_that_its_cell_is_run_again_with_the_blank():
    lesson.predict("1.faster", 40)
    assert repr(lesson.predict("1.faster", ...)) == "Your guess: 40 times. Now run the next cell."


@pytest.mark.parametrize(
    ("guess", "result", "says"),
    [
        (10, 10, "Exactly."),
        (10, 12, "Your guess was 1.2 times too low: close."),
        (2, 300, "Your guess was 150 times too low."),
        (0, 3, "You were off by 3 ticks."),
        (100, 0, "You were off by 100 ticks."),
    ],
)
def test_a_number_is_judged_by_how_many_times_it_is_off(guess, result, says):
    assert predictions.Comparison(Number("n", "ticks"), guess, result).judgement == says


def test_a_choice_is_right_or_wrong():
    lesson.predict("1.memory", "A")
    assert "Not what you expected" in repr(lesson.reveal("1.memory", {"memory MB": 24_000}))
    assert "You were right." in repr(lesson.reveal("1.memory", {"memory MB": 128}))


def test_a_result_without_a_guess_is_shown_all_the_same():
    assert repr(lesson.reveal("1.ticks", 1)) == "You made no guess. Result: 1 ticks."


@pytest.mark.parametrize("guess", ["10", True, float("nan"), [1], None])
def test_what_is_no_number_is_not_recorded_and_says_why(guess):
    assert repr(lesson.predict("1.ticks", guess)).startswith("Not recorded: ")
    assert "1.ticks" not in progress.read(1).guesses


def test_a_letter_that_is_no_option_is_not_recorded_and_the_options_are_named():
    assert (
        repr(lesson.predict("1.memory", "x"))
        == "Not recorded: 'x' is none of the options: choose one of a, b, c."
    )


def test_a_click_records_the_choice_where_widgets_work():
    shown = lesson.predict("1.memory", ...)
    bundle = shown._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} <= set(bundle)
    panel = predictions._buttons(shown.asked, shown.record)
    panel.children[1].children[1].click()
    assert progress.read(1).guesses == {"memory": "b"}
    assert "Your guess: b, the memory of the machine" in panel.children[0].value


# --- check --------------------------------------------------------------------------------------------------------


def test_the_first_miss_gets_a_hint_and_every_later_one_a_nearer():
    _, check = catalogue.check("1.cold")
    said = [lesson.check("1.cold", lambda logs: -1).text for _ in range(3)]
    assert said == [check.hints[0], check.hints[1], check.hints[1]]


def test_a_known_misconception_gets_the_hint_that_belongs_to_it():
    _, check = catalogue.check("1.cold")
    verdict = lesson.check("1.cold", lambda logs: sum("Init Duration" in log for log in logs))
    assert (verdict.outcome, verdict.text) == ("own-output", check.misconceptions["own-output"])
    again = lesson.check("1.cold", lambda logs: sum("Init Duration" in log for log in logs))
    assert again.text == f"{check.misconceptions['own-output']} {check.hints[1]}"


def test_a_right_answer_passes_and_stays_passed():
    assert lesson.check("1.cold", cold_starts).passed
    lesson.check("1.cold", len)
    assert progress.read(1).passed == ["cold"]


@pytest.mark.parametrize(
    "answer",
    [(), (...,), ([1, ...],), ({"a": ...},)],
    ids=["nothing", "it", "in a list", "in a dictionary"],
)
def test_a_blank_is_no_miss_and_says_what_to_fill_in(answer):
    _, check = catalogue.check("1.cold")
    verdict = lesson.check("1.cold", *answer)
    assert (verdict.outcome, verdict.text) == (BLANK, check.blank)
    assert progress.read(1).misses == {}


def test_a_blank_in_the_file_of_the_function_is_a_blank(tmp_path):
    (tmp_path / "greet.py").write_text("def handler(event, context):\n    return ...\n")
    assert grading.has_blank(tmp_path, "greet")
    (tmp_path / "greet.py").write_text('def handler(event, context):\n    return "..."  # ...\n')
    assert not grading.has_blank(tmp_path, "greet")
    assert not grading.has_blank(tmp_path, "../greet")


def test_an_error_in_the_learners_python_is_a_sentence_with_its_name_and_what_it_was_called_with():
    verdict = lesson.check("1.cold", lambda logs: logs[0]["missing"])
    assert verdict.text.startswith("Your function raised TypeError: ")
    assert "The check had called it with ([" in verdict.text


def test_an_answer_of_another_kind_is_a_sentence_and_no_miss():
    assert (
        lesson.check("1.cold", 3).text
        == "The check wants your function itself, without brackets, and got 3."
    )
    check = Check("it", "add", lambda answer: RIGHT if answer + 1 == 3 else MISS, "", ("", ""), ())
    verdict = grading.judged(check, ("2",), 0, progress.work(1))
    assert verdict.text.startswith("The check cannot read this answer (str): TypeError: ")
    assert not verdict.is_miss


def test_a_judge_that_names_no_misconception_of_its_check_is_a_defect():
    check = Check("it", "add", lambda answer: "unheard-of", "", ("", ""), ())
    with pytest.raises(ValueError, match="'unheard-of', which is none of its misconceptions"):
        grading.judged(check, (1,), 0, progress.work(1))


def test_a_verdict_is_readable_without_colour_and_its_text_is_no_markup():
    shown = grading.Verdict(MISS, "a < b")._repr_html_()
    assert "✗ Not yet." in shown and "a &lt; b" in shown


# --- the learner's function ---------------------------------------------------------------------------------------


@pytest.fixture
def cloud_here(lambdas, monkeypatch):
    """boto3 without arguments reaches the tests' engine."""
    for name, value in lambdas.engine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    yield lambdas
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)


def test_a_function_that_is_not_there_is_a_sentence(cloud_here):
    with pytest.raises(
        probes.Failed, match="There is no function 'nobody' yet: run the cell that deploys it"
    ):
        probes.answered("nobody")
    with pytest.raises(probes.Failed, match="There is no function 'nobody' yet"):
        probes.configuration("nobody")


def test_a_function_that_fails_is_a_sentence_with_its_error(cloud_here):
    name = cloud_here.make("def handler(event, context):\n    return 1 / event['by']")
    with pytest.raises(
        probes.Failed, match="when the check sent it {'by': 0}: ZeroDivisionError: division by zero"
    ):
        probes.answered(name, {"by": 0})
    assert probes.answered(name, {"by": 4}) == 0.25


@pytest.mark.parametrize("name", [None, 3, ""])
def test_what_is_no_name_is_a_sentence(name):
    with pytest.raises(probes.Failed, match="the name of your function as text"):
        probes.invoked(name)


def test_an_answer_without_the_field_shows_the_answer(cloud_here):
    with pytest.raises(
        probes.Failed, match=r"answered \{'b': 1\}, and the check looks for the key 'a'"
    ):
        probes.field({"b": 1}, "a")
    assert probes.field(None, "a") is None


def test_another_memory_size_is_taken_back_also_when_the_block_fails(cloud_here):
    name = cloud_here.make(
        "def handler(event, context):\n    return context.memory_limit_in_mb", MemorySize=256
    )
    with pytest.raises(probes.Failed), probes.resized(name, 192):
        assert int(probes.answered(name)) == 192
        raise probes.Failed("whatever")
    assert probes.configuration(name)["MemorySize"] == 256


# --- progress -----------------------------------------------------------------------------------------------------


def test_progress_counts_checks_and_predictions_in_words():
    lesson.predict("1.faster", 10)
    lesson.check("1.cold", cold_starts)
    shown = lesson.start(1)
    assert "1 of 4 checks passed, 1 of 4 predictions made" in repr(shown)
    assert "✓ done: count cold starts in logs" in repr(shown)
    assert 'max="8" value="2"' in shown._repr_html_()


def test_progress_is_there_in_the_next_kernel(state):
    lesson.check("1.cold", cold_starts)
    code = "from lambdadeck import lesson; print(repr(lesson.start(1)))"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    ).stdout
    assert "1 of 4 checks passed" in said


def test_a_reset_forgets_the_progress_and_the_files_of_this_lab_only(state):
    lesson.start(1)
    lesson.predict("1.ticks", 3)
    progress.write(2, progress.Progress(passed=["other"]))
    (progress.work(1) / "saver.py").write_text("x = 1")
    (progress.work(1) / "folder").mkdir()
    assert "0 of 4 checks passed, 0 of 4 predictions made" in repr(lesson.reset(1))
    assert list(progress.work(1).iterdir()) == []
    assert os.getcwd() == str(progress.work(1))
    assert progress.read(2).passed == ["other"]


def test_a_file_that_cannot_be_read_is_set_aside_and_the_lab_begins_anew(state):
    progress.folder()
    (state / "labs" / "lab-1.json").write_text('{"passed": ["co')
    assert progress.read(1) == progress.Progress()
    assert (state / "labs" / "lab-1.unreadable").read_text() == '{"passed": ["co'
    (state / "labs" / "lab-1.json").write_text('{"from": "the future"}')
    assert progress.read(1) == progress.Progress()


def test_a_write_that_fails_leaves_the_old_progress(state):
    progress.write(1, progress.Progress(passed=["cold"]))
    with pytest.raises(TypeError):
        progress.write(1, progress.Progress(results={"ticks": object()}))
    assert progress.read(1).passed == ["cold"]
    assert [path.name for path in state.iterdir() if path.name.startswith(".")] == []


def test_the_progress_is_a_file_that_a_person_can_read(state):
    lesson.predict("1.ticks", 3)
    assert json.loads((state / "labs" / "lab-1.json").read_text())["guesses"] == {"ticks": 3}


def test_without_the_variable_progress_is_in_the_users_own_state_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "user_state_path", lambda name: tmp_path / name)
    assert progress.folder({}) == tmp_path / "lambdadeck" / "labs"


# --- keys ---------------------------------------------------------------------------------------------------------


def test_a_key_that_names_nothing_says_what_there_is():
    with pytest.raises(
        ValueError, match="Lab 1 has no '1.warm' here; it has 1.machine, 1.cold, 1.saved, 1.durable"
    ):
        lesson.check("1.warm", 1)
    with pytest.raises(ValueError, match="write its number, a dot and a word"):
        lesson.predict("ticks", 1)
    with pytest.raises(ValueError, match="There is no lab 99"):
        lesson.start(99)


# --- a cell with blanks -------------------------------------------------------------------------------------------


@pytest.fixture
def shell():
    """An IPython in which a lab has been started."""
    from IPython.core.interactiveshell import InteractiveShell

    made = InteractiveShell()
    made.ast_transformers.append(blanks.SkipUnfilled())
    made.user_ns["lesson"] = lesson
    yield made
    made.history_manager.end_session()


def ran(shell, source):
    result = shell.run_cell(source)
    result.raise_error()
    return result.result


def test_a_cell_with_a_blank_is_not_run_and_what_it_would_make_is_a_blank(shell):
    shown = ran(
        shell,
        "calls = [1 / 0 for _ in range(...)]\nfirst, last = calls[0], ...\ndef of(x):\n    return x",
    )
    assert (
        repr(shown)
        == "… This cell still has 2 blanks, so nothing of it was run: replace each ... and run it again."
    )
    assert [shell.user_ns[name] for name in ("calls", "first", "last", "of")] == [...] * 4


def test_a_cell_without_a_blank_runs_as_it_is(shell):
    assert ran(shell, "text = '...'  # ...\nlen(text)") == 3


def test_the_blank_of_a_prediction_or_a_check_is_their_own_business(shell):
    assert "still blank" in repr(ran(shell, 'lesson.predict("1.ticks", ...)'))
    assert ran(shell, 'lesson.check("1.cold", ...)').outcome == BLANK


def test_a_lab_watches_for_blanks_from_its_start_and_only_once(shell, monkeypatch):
    shell.ast_transformers.clear()
    monkeypatch.setattr(lesson, "get_ipython", lambda: shell)
    lesson.start(1)
    lesson.start(1)
    assert len(shell.ast_transformers) == 1


def test_a_choice_may_have_any_outcome_that_is_an_option():
    asked = Choice("c", {"a": "one", "b": "two"}, lambda count: "ab"[count - 1])
    assert predictions.came_true(asked, 2) == "b"
    with pytest.raises(ValueError, match="none of the options"):
        predictions.came_true(Choice("c", {"a": "one"}), "z")
