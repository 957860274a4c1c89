"""The functions that the labs' cells call: guesses, grades, hints, progress between sessions."""

import ast
import json
import os
import subprocess
import sys

import platformdirs
import pytest

from lambdadeck import lesson
from lambdadeck.labs import blanks, catalogue, grading, predictions, probes, progress
from lambdadeck.labs.model import BLANK, MISS, RIGHT, Check, Choice, Number
from lambdadeck.labs.probes import NotTestedError
from lambdadeck.report import parse
from lambdadeck.shared import state as state_module


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """Set a state folder of the test's own; return to the working directory afterward."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(state_module.VARIABLE, str(tmp_path / "state"))
    return tmp_path / "state"


def cold_starts(logs):
    return sum(parse(log).cold for log in logs)


# --- predict and reveal ---------------------------------------------------------------------------


def test_a_prediction_that_is_blank_says_what_a_guess_looks_like():
    blank = (
        "Your guess is still blank: write a number (ticks) in place of ... and run this cell again."
    )
    assert repr(lesson.predict("1.ticks", ...)) == blank
    assert "c: nothing: it is not allowed to look" in repr(lesson.predict("1.memory", ...))


def test_a_guess_is_recorded_and_stands_beside_the_result():
    assert repr(lesson.predict("1.faster", 40)) == "Your guess: 40 times. Now run the next cell."
    compared = "Your guess: 40 times. Result: 8 times. Your guess was 5 times too high."
    assert repr(lesson.reveal("1.faster", 8)) == compared


def test_a_guess_survives_that_its_cell_is_run_again_with_the_blank():
    lesson.predict("1.faster", 40)
    assert repr(lesson.predict("1.faster", ...)) == "Your guess: 40 times. Now run the next cell."


def test_a_number_is_compared_by_how_many_times_it_is_off():
    comments = {
        (10, 10): "Exactly.",
        (10, 12): "Your guess was 1.2 times too low: close.",
        (2, 300): "Your guess was 150 times too low.",
        (300, 2): "Your guess was 150 times too high.",
        (0, 3): "You were off by 3 ticks.",
        (100, 0): "You were off by 100 ticks.",
    }
    asked = Number("n", "ticks")
    assert {pair: predictions.Reveal(asked, *pair).comment for pair in comments} == comments


def test_a_choice_is_right_or_wrong():
    lesson.predict("1.memory", "A")
    assert "Not what you expected" in repr(lesson.reveal("1.memory", {"memory MB": 24_000}))
    assert "You were right." in repr(lesson.reveal("1.memory", {"memory MB": 128}))


def test_a_result_without_a_guess_is_shown_all_the_same():
    assert repr(lesson.reveal("1.ticks", 1)) == "You made no guess. Result: 1 ticks."


def test_a_guess_that_is_not_a_number_is_not_recorded_and_says_why():
    for guess in ("10", True, float("nan"), [1], None):
        refused = f"Not recorded: {guess!r} is not a number"
        assert repr(lesson.predict("1.ticks", guess)).startswith(refused)
        assert "ticks" not in progress.read(1).guesses, guess


def test_a_letter_that_is_no_option_is_not_recorded_and_the_options_are_named():
    refused = "Not recorded: 'x' is not an option: choose one of a, b, c."
    assert repr(lesson.predict("1.memory", "x")) == refused


def test_a_click_records_the_choice_where_widgets_work():
    shown = lesson.predict("1.memory", ...)
    bundle = shown._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} <= set(bundle)
    panel = predictions._buttons(shown.asked, shown.record)
    panel.children[1].children[1].click()
    assert progress.read(1).guesses == {"memory": "b"}
    assert "Your guess: b, the memory of the machine" in panel.children[0].value


# --- check ----------------------------------------------------------------------------------------


def test_the_first_miss_gets_a_hint_and_every_later_one_a_nearer():
    _, check = catalogue.check("1.cold")
    said = [lesson.check("1.cold", lambda logs: -1).text for _ in range(3)]
    assert said == [check.hint, check.nearer, check.nearer]


def test_a_known_misconception_gets_the_hint_that_belongs_to_it():
    _, check = catalogue.check("1.cold")
    grade = lesson.check("1.cold", lambda logs: sum("Init Duration" in log for log in logs))
    assert (grade.outcome, grade.text) == ("own-output", check.misconceptions["own-output"])
    again = lesson.check("1.cold", lambda logs: sum("Init Duration" in log for log in logs))
    assert again.text == f"{check.misconceptions['own-output']} {check.nearer}"


def test_a_right_answer_passes_and_stays_passed():
    assert lesson.check("1.cold", cold_starts).passed
    lesson.check("1.cold", len)
    assert progress.read(1).passed == ["cold"]


def test_a_blank_is_not_a_miss_and_says_what_to_fill_in():
    _, check = catalogue.check("1.cold")
    for answers in ((), (...,), ([1, ...],), ({"a": ...},)):
        grade = lesson.check("1.cold", *answers)
        assert (grade.outcome, grade.text) == (BLANK, check.blank), answers
    assert progress.read(1).misses == {}


def test_a_blank_in_the_file_of_the_function_is_a_blank(tmp_path):
    (tmp_path / "greet.py").write_text("def handler(event, context):\n    return ...\n")
    assert grading.has_blank(tmp_path, "greet")
    (tmp_path / "greet.py").write_text('def handler(event, context):\n    return "..."  # ...\n')
    assert not grading.has_blank(tmp_path, "greet")
    assert not grading.has_blank(tmp_path, "../greet")


def test_an_error_in_the_learners_python_is_a_sentence_with_its_name_and_what_it_was_called_with():
    grade = lesson.check("1.cold", lambda logs: logs[0]["missing"])
    assert grade.text.startswith("Your function raised TypeError: ")
    assert "The check had called it with ([" in grade.text


def test_an_answer_of_another_kind_is_a_sentence():
    needs = "The check needs your function itself, without parentheses, not 3."
    assert lesson.check("1.cold", 3).text == needs
    check = Check("it", "add", lambda answer: RIGHT if answer + 1 == 3 else MISS, "", "", "", ())
    grade = grading.grade(check, ("2",), 0, progress.work(1))
    assert grade.text.startswith("The check cannot read this answer (str): TypeError: ")


def test_an_answer_that_cannot_be_tested_counts_as_a_try_and_brings_the_nearer_hint():
    _, check = catalogue.check("1.cold")
    said = [lesson.check("1.cold", 3).text for _ in range(2)]
    assert [check.nearer in text for text in said] == [False, True]
    assert lesson.check("1.cold", lambda logs: -1).text == check.nearer


def test_a_miss_shows_the_call_its_result_and_the_expected_one():
    def cold_starts(logs):
        return -1

    told = lesson.check("1.cold", cold_starts)
    lines = repr(told).splitlines()
    assert lines[1].startswith("Run it yourself: cold_starts(['INIT_START Runtime")
    assert lines[2:] == ["Received: -1", "Expected: 1"]
    assert "Expected: 1</pre>" in told._repr_html_()


def test_an_outcome_that_its_check_does_not_know_is_a_defect():
    check = Check("it", "add", lambda answer: "unheard-of", "", "", "", ())
    with pytest.raises(ValueError, match="'unheard-of' is not a misconception of the check 'it'"):
        grading.grade(check, (1,), 0, progress.work(1))


def test_a_grade_is_readable_without_color_and_its_text_is_escaped():
    shown = grading.Grade(MISS, "a < b")._repr_html_()
    assert "✗ Not yet." in shown and "a &lt; b" in shown


# --- the learner's function -----------------------------------------------------------------------


@pytest.fixture
def cloud_here(lambdas, monkeypatch):
    """Let boto3 without arguments reach the tests' engine."""
    for name, value in lambdas.engine.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    yield lambdas
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)


def test_a_function_that_is_not_there_is_a_sentence(cloud_here):
    for probe in (probes.answered, probes.configuration):
        with pytest.raises(NotTestedError) as raised:
            probe("nobody")
        told = "There is no function 'nobody' yet: run the cell that deploys it, then this one."
        assert str(raised.value) == told


def test_a_function_that_fails_is_a_sentence_with_its_error(cloud_here):
    name = cloud_here.make("def handler(event, context):\n    return 1 / event['by']")
    told = r"when the check sent it \{'by': 0\}: ZeroDivisionError: division by zero"
    with pytest.raises(NotTestedError, match=told):
        probes.answered(name, {"by": 0})
    assert probes.answered(name, {"by": 4}) == 0.25


def test_an_answer_that_is_not_a_name_is_a_sentence():
    for name in (None, 3, ""):
        with pytest.raises(NotTestedError, match="the name of your function as text") as raised:
            probes.invoked(name)
        assert repr(name) in str(raised.value)


def test_an_answer_without_the_field_shows_the_answer(cloud_here):
    with pytest.raises(NotTestedError, match=r"returned \{'b': 1\}, without the key 'a'"):
        probes.field({"b": 1}, "a")
    assert probes.field(None, "a") is None


def test_other_settings_are_taken_back_also_when_the_block_fails(cloud_here):
    code = "def handler(event, context):\n    return context.memory_limit_in_mb"
    name = cloud_here.make(code, MemorySize=256, Timeout=5)

    def fail():
        with probes.reconfigured(name, MemorySize=192, Timeout=1):
            assert int(probes.answered(name)) == 192
            raise NotTestedError("whatever")

    with pytest.raises(NotTestedError):
        fail()
    now = probes.configuration(name)
    assert (now["MemorySize"], now["Timeout"]) == (256, 5)


def test_a_check_that_runs_after_a_restart_watches_for_blanks_and_reads_the_file_that_is_here(
    shell, monkeypatch, tmp_path
):
    lesson.start(1)
    (progress.work(1) / "whoami.py").write_text("x = ...")  # of before the restart
    monkeypatch.chdir(tmp_path)
    (tmp_path / "whoami.py").write_text("x = 1")
    shell.ast_transformers.clear()
    monkeypatch.setattr(lesson, "get_ipython", lambda: shell)
    assert lesson.check("1.machine", "whoami").outcome != BLANK
    assert len(shell.ast_transformers) == 1


# --- progress -------------------------------------------------------------------------------------


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


def test_an_unreadable_file_is_set_aside_and_the_lab_starts_over(state):
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
    monkeypatch.delenv(state_module.VARIABLE)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert progress.folder() == platformdirs.user_state_path("lambdadeck") / "labs"
    assert tmp_path in progress.folder().parents


# --- keys -----------------------------------------------------------------------------------------


def test_a_key_that_names_nothing_says_what_there_is():
    has = r"Lab 1 has no '1\.warm' here; it has 1\.machine, 1\.cold, 1\.saved, 1\.durable\."
    with pytest.raises(ValueError, match=has):
        lesson.check("1.warm", 1)
    with pytest.raises(ValueError, match="write lab, dot and word, such as"):
        lesson.predict("ticks", 1)
    with pytest.raises(ValueError, match="There is no lab 99"):
        lesson.start(99)


# --- a cell with blanks ---------------------------------------------------------------------------


@pytest.fixture
def shell():
    """Make an IPython in which a lab has been started."""
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
    cell = (
        "calls = [1 / 0 for _ in range(...)]\nfirst, last = calls[0], ...\ndef of(x):\n    return x"
    )
    told = "… This cell still has 2 blanks, so it did not run: replace each ... and run it again."
    assert repr(ran(shell, cell)) == told
    assert [shell.user_ns[name] for name in ("calls", "first", "last", "of")] == [...] * 4


def test_an_ellipsis_that_python_has_a_use_for_is_no_blank():
    used = (
        "def of(logs: tuple[str, ...]) -> int:\n    return 1",
        "from typing import Callable\nCall = Callable[..., object]",
        "try:\n    x = 1\nexcept KeyError:\n    ...",
        "class Broken(ValueError): ...",
        "class Door(Protocol):\n    def open(self) -> None: ...",
        "@overload\ndef of(x: int) -> int: ...",
        "def of(x=...):\n    return x is ...",
        "for each in work(): ...",
        "if done:\n    ...\nelse:\n    x = 1",
        "middle = table[..., 0]",
        "lesson.check('1.cold', ...)",
    )
    open_ones = (
        "x = ...",
        "def patient(call):\n    ...",
        "def handler(event, context):\n    start()\n    ...\n    return 1",
        "...",
        "while left:\n    ...\n    left -= 1",
        "return_(sum(... for log in logs))",
        "fast = [r for r in reports if ...]",
        "shift(Publish=...)",
        'answer = {"a": ...}',
    )
    assert [text for text in used if blanks.count(ast.parse(text))] == []
    assert [text for text in open_ones if blanks.count(ast.parse(text)) != 1] == []


def test_a_cell_without_a_blank_runs_as_it_is(shell):
    assert ran(shell, "text = '...'  # ...\nlen(text)") == 3


def test_the_blank_of_a_prediction_or_a_check_does_not_skip_its_cell(shell):
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
    with pytest.raises(ValueError, match="not an option"):
        predictions.came_true(Choice("c", {"a": "one"}), "z")
    with pytest.raises(ValueError, match="run the cell above once more"):
        predictions.came_true(asked, "timed out")
