"""Small tables: everything escaped, nothing lost, and a caption with the source of numbers."""

import datetime as dt
import re

import pytest

from lambdadeck import tables
from lambdadeck.functions import InvokeResult
from lambdadeck.report import Report


def call(**changes: object) -> InvokeResult:
    report = Report("1", 1.5, 33, 128, 30, 31.2)
    fields = {
        "payload": {"count": 1},
        "report": report,
        "log": "",
        "error": None,
        "wall_ms": 40.0,
        "status": 200,
    }
    return InvokeResult(**fields | changes)


def bars(table: tables.Table) -> list[list[float]]:
    """Return the widths of each row's bars, in percent of their column."""
    _, *rows = table._repr_html_().split("<tr")[1:]
    return [[float(share) for share in re.findall(r"width: ([\d.]+)%", row)] for row in rows]


def test_markup_in_an_answer_cannot_become_markup_on_the_slide():
    shown = tables.table([{"<b>": "<script>alert(1)</script>"}], caption="<i>")._repr_html_()
    assert "<script>" not in shown and "<b>" not in shown and "<i>" not in shown
    assert "&lt;script&gt;" in shown


def test_rows_may_have_different_keys_and_empty_columns_go():
    shown = tables.table([{"a": 1, "b": None}, {"a": 2, "c": "x"}])
    assert shown.headers == ["a", "c"]
    assert shown.rows == [["1", ""], ["2", "x"]]


def test_a_table_without_a_row_is_refused():
    with pytest.raises(ValueError, match="no row"):
        tables.table([])


def test_side_by_side_says_in_words_what_differs():
    shown = tables.side_by_side(here={"os": "posix", "pid": 1}, inside={"os": "posix", "pid": 2})
    assert shown.rows == [["os", "posix", "posix", "same"], ["pid", "1", "2", "differs"]]
    assert shown.caption == "LOCAL: this machine, compared with itself."


def test_a_cold_call_shows_its_init_beside_what_aws_was_measured_at():
    shown = tables.calls([call(), call(report=Report("2", 0.8, 1, 128, 30, None))])
    assert [row[2:4] for row in shown.rows] == [
        ["cold", "31.2 + 1.50"],
        ["warm", "0.80"],
        ["cold", "87"],
    ]
    assert shown.number == "1 of 2 cold"
    assert "87 ms" in shown.caption and "maxday/lambda-perf" in shown.caption


def test_a_failed_call_shows_its_error_instead_of_an_answer():
    shown = tables.calls([call(error="Runtime.ExitError: exited", payload={"errorType": "x"})])
    assert shown.rows[0][1] == "Runtime.ExitError: exited"


def test_the_request_id_of_an_error_is_left_out_of_the_table():
    error = "Runtime.ExitError: RequestId: 9d2c-1 Error: Runtime exited with error: exit status 1"
    assert (
        tables.calls([call(error=error)]).rows[0][1]
        == "Runtime.ExitError: Runtime exited with error: exit status 1"
    )


def test_cold_and_warm_are_told_apart_by_more_than_colour():
    shown = tables.calls([call()])._repr_html_()
    assert 'font-weight: bold; white-space: nowrap">cold</td>' in shown


def test_the_times_of_calls_are_bars_to_scale_beside_what_aws_was_measured_at():
    warm = call(report=Report("2", 15.6, 16, 128, 30, None))
    widths = bars(tables.calls([call(), warm]))
    init, duration, warm_duration, aws = (share for row in widths for share in row)
    assert init / warm_duration == pytest.approx(31.2 / 15.6, rel=0.01)
    assert duration / init == pytest.approx(1.5 / 31.2, rel=0.01)
    assert aws / init == pytest.approx(87.0 / 31.2, rel=0.01) and 20 < aws < 90


def test_a_call_without_a_report_has_no_bar():
    assert [len(row) for row in bars(tables.calls([call(report=None)]))] == [0, 1]


def test_a_log_says_who_wrote_each_line_and_lifts_ours():
    log = "START RequestId: 1 Version: 1\ngreeting Ada\n\nREPORT RequestId: 1\tDuration: 2 ms\n"
    made = tables.log(log)
    assert [row[0] for row in made.rows] == ["Lambda", "your code", "Lambda"]
    assert made.rows[2][1] == "REPORT RequestId: 1 Duration: 2 ms"
    assert made._repr_html_().count('class="lifted"') == 1


def test_an_address_is_no_number():
    assert 'align="right"' not in tables.table([{"a": "x", "ip": "127.0.0.1"}])._repr_html_()


def test_the_languages_of_the_sdk_come_with_the_date_of_their_source():
    shown = tables.languages(["python3.13", "go1.x"], today=dt.date(2026, 11, 23))
    assert [row[0] for row in shown.rows] == ["Python", "Go"]
    assert "2026-10-20" in shown.caption


def test_a_call_without_a_report_line_says_so():
    assert "no report" in tables.calls([call(report=None)]).rows[0]


def test_as_text_the_columns_line_up():
    text = str(tables.table([{"name": "a", "n": 1}, {"name": "longer", "n": 22}]))
    assert text.splitlines() == ["name    n", "a       1", "longer  22"]


def test_numbers_stand_on_the_right_and_words_on_the_left():
    shown = tables.table(
        [{"a": "x", "ms": "1.5", "day": "2026-01-01"}, {"a": "y", "ms": "–", "day": "no"}]
    )._repr_html_()
    assert '<th scope="col" align="right">ms</th>' in shown
    assert '<td align="right">–</td>' in shown
    assert "<td>2026-01-01</td>" in shown


def test_the_fields_of_a_mapping_or_of_a_line_of_json_are_rows():
    for known in ({"key": "a.txt", "size": 14}, '{"key": "a.txt", "size": 14}\n'):
        assert tables.fields(known).rows == [("key", "a.txt"), ("size", "14")]
