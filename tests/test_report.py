"""What a REPORT line says is read exactly, and what is missing is named."""

import pytest

from lambdadeck import report
from tests.support.cases import each

REQUEST = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
WARM = (
    f"REPORT RequestId: {REQUEST}\tDuration: 1.68 ms\tBilled Duration: 2 ms\t"
    "Memory Size: 128 MB\tMax Memory Used: 35 MB\t"
)
COLD = WARM.replace("Billed Duration: 2 ms", "Billed Duration: 59 ms") + "Init Duration: 57.11 ms\t"


def log(*lines: str) -> str:
    return "\n".join([f"START RequestId: {REQUEST} Version: $LATEST", *lines, ""])


def test_a_warm_report_line_has_no_init():
    found = report.parse(log("hello", f"END RequestId: {REQUEST}", WARM))
    assert found == report.Report(REQUEST, 1.68, 2, 128, 35, None)
    assert not found.cold


def test_a_cold_report_line_tells_init_apart_from_duration_and_billed_duration():
    found = report.parse(log(COLD))
    assert (found.init_ms, found.duration_ms, found.billed_ms) == (57.11, 1.68, 59)
    assert found.cold


def test_the_last_report_line_counts():
    assert report.parse(log(COLD, WARM)).billed_ms == 2
    assert report.parse(log(WARM, COLD)).billed_ms == 59


def test_the_order_of_the_fields_does_not_matter():
    head, *fields = WARM.strip().split("\t")
    turned = "\t".join([head, *reversed(fields)])
    assert report.parse(turned) == report.parse(WARM)


def test_trailing_fields_such_as_a_trace_or_a_status_change_nothing():
    extended = COLD + "Status: timeout\nXRAY TraceId: 1-5bef\tSegmentId: 8\tSampled: true\t"
    assert report.parse(log(extended)) == report.parse(log(COLD))


def test_a_restore_of_a_snapshot_is_not_taken_for_the_duration():
    restored = WARM + "Restore Duration: 480.18 ms\tBilled Restore Duration: 181 ms\t"
    assert report.parse(restored) == report.parse(WARM)


def test_tabs_turned_into_spaces_by_a_console_are_read_too():
    assert report.parse(COLD.replace("\t", " ")) == report.parse(COLD)


def test_a_log_without_a_report_line_says_what_to_do():
    with pytest.raises(ValueError, match="LogType='Tail'"):
        report.parse("START RequestId: 1 Version: $LATEST\nhello\n")


@each("field", ["Duration", "Billed Duration", "Memory Size", "Max Memory Used"])
def test_a_report_line_that_lacks_a_field_names_it(field):
    parts = [part for part in WARM.split("\t") if not part.startswith(f"{field}: ")]
    with pytest.raises(ValueError, match=f"no '{field}'"):
        report.parse("\t".join(parts))


def test_the_line_itself_can_be_shown_on_one_row():
    assert report.line(log("REPORTED by the handler", WARM)) == " ".join(WARM.split())
