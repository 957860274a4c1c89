"""START, END and REPORT as AWS prints them."""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdadeck.engine.execution import logs
from lambdadeck.engine.execution.logs import ReportFields

ID = "8f507cfc-example-4697-b07a-ac58fc914c95"


def test_a_warm_report_is_awss_to_the_character():
    line = logs.report(ID, ReportFields(duration_ms=79.67, memory_mb=128, max_memory_mb=73))
    assert line == (
        f"REPORT RequestId: {ID}\tDuration: 79.67 ms\tBilled Duration: 80 ms\tMemory Size: 128 MB\t"
        "Max Memory Used: 73 MB\t"
    )


def test_a_cold_report_has_its_init_and_bills_it():
    line = logs.report(ID, ReportFields(1.23, 128, 40, init_ms=100.5))
    assert "\tBilled Duration: 102 ms\t" in line and line.endswith("\tInit Duration: 100.50 ms\t")


def test_a_failed_report_has_a_status():
    assert logs.report(ID, ReportFields(1.0, 128, 40, status="timeout")).endswith(
        "\tStatus: timeout\t"
    )


@given(st.floats(0, 900_000), st.none() | st.floats(0, 10_000))
def test_the_bill_is_whole_milliseconds_and_never_less_than_the_time(duration_ms, init_ms):
    billed = ReportFields(duration_ms, 128, 1, init_ms).billed_ms
    took = duration_ms + (init_ms or 0)
    assert isinstance(billed, int) and billed >= 1 and took - 1e-5 <= billed < max(1, took) + 1


def test_json_lines_are_awss_platform_events():
    now = datetime(2026, 11, 23, 17, 0, 0, 123456, tzinfo=UTC)
    start = json.loads(logs.start(ID, "$LATEST", "JSON", now))
    assert start == {
        "time": "2026-11-23T17:00:00.123Z",
        "type": "platform.start",
        "record": {"requestId": ID, "version": "$LATEST"},
    }
    (report,) = logs.end(ID, ReportFields(1.5, 128, 40, 10.25), "JSON", now)
    assert json.loads(report)["record"]["metrics"] == {
        "durationMs": 1.5,
        "billedDurationMs": 12,
        "memorySizeMB": 128,
        "maxMemoryUsedMB": 40,
        "initDurationMs": 10.25,
    }


def test_a_stream_is_named_by_date_version_and_chance():
    now = datetime(2026, 1, 2, tzinfo=UTC)
    one, other = logs.stream_name("7", now), logs.stream_name("7", now)
    assert one != other and re.fullmatch(r"2026/01/02/\[7\][0-9a-f]{32}", one)


@pytest.mark.parametrize("size", [0, 4096, 4097, 100_000])
def test_the_tail_is_the_last_four_kilobytes(size):
    text = "".join(chr(97 + i % 26) for i in range(size))
    assert logs.tail(text) == text[-4096:].encode()


def test_cloudwatch_holds_every_line_in_order_one_stream_an_environment(lambdas):
    name = lambdas.make(
        "def handler(event, context):\n    for n in range(3): print('line', event, n)"
    )
    requests = [re.search("RequestId: (.{36})", lambdas.call(name, n).report)[1] for n in range(2)]
    lines = lambdas.log(name)
    assert [re.sub(r"\t.*", "", line) for line in lines[1:]] == [
        part
        for n, request in enumerate(requests)
        for part in (
            f"START RequestId: {request} Version: $LATEST",
            f"line {n} 0",
            f"line {n} 1",
            f"line {n} 2",
            f"END RequestId: {request}",
            f"REPORT RequestId: {request}",
        )
    ]
    assert (
        lines[0].startswith("INIT_START Runtime Version: python:")
        and len(lambdas.streams(name)) == 1
    )


def test_a_function_may_log_in_json(lambdas):
    name = lambdas.make(
        "import logging\ndef handler(event, context): logging.getLogger().warning('careful')",
        LoggingConfig={"LogFormat": "JSON"},
    )
    lines = [json.loads(line) for line in lambdas.call(name).log.splitlines()]
    assert [line.get("type", line.get("level")) for line in lines] == [
        "platform.start",
        "WARNING",
        "platform.report",
    ]
    assert lines[1]["message"] == "careful"
    assert json.loads(lambdas.log(name)[0])["type"] == "platform.initStart"


def test_only_cloudwatch_has_init_start_and_its_events_have_ids_and_no_empty_message(lambdas):
    """As recorded from AWS: the tail of a cold start begins with START."""
    name = lambdas.make("def handler(event, context): print('a'); print(); print('b')")
    called = lambdas.call(name)
    assert called.log.startswith("START ") and "\na\n\nb\nEND " in called.log
    events = lambdas.boto("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert [event["message"].split(" ")[0] for event in events[:5]] == [
        "INIT_START",
        "START",
        "a",
        "\n",
        "b",
    ]
    ids = [event["eventId"] for event in events]
    assert ids == sorted(set(ids)) and all(re.fullmatch("[0-9]{56}", one) for one in ids)


LEVELS = """
import logging
logger = logging.getLogger()

def handler(event, context):
    for level in ("debug", "info", "warning", "error"):
        getattr(logger, level)(level)
    print("printed")
    return 1 / event
"""


def test_log_levels_filter_lines_of_the_function_and_of_the_platform(lambdas):
    """Developer guide, "Log-level filtering" and "System log level event mapping"."""
    cases = [
        ("DEBUG", "WARN", 1, ["debug", "info", "warning", "error"], []),
        ("INFO", "INFO", 1, ["info", "warning", "error"], ["platform.start", "platform.report"]),
        ("ERROR", "WARN", 0, ["error"], ["platform.report"]),
        ("FATAL", "WARN", 1, [], []),
    ]
    wrong = {}
    for application, system, event, logged, platform in cases:
        levels = {"ApplicationLogLevel": application, "SystemLogLevel": system}
        name = lambdas.make(LEVELS, LoggingConfig={"LogFormat": "JSON", **levels})
        lines = lambdas.call(name, event).log.splitlines()
        records = [json.loads(line) for line in lines if line.startswith("{")]
        seen = (
            [record["message"] for record in records if record.get("logger")],
            [record["type"] for record in records if "type" in record],
        )
        began = "platform.initStart" in lambdas.log(name)[0]
        if seen != (logged, platform) or "printed" not in lines or began != (system == "INFO"):
            wrong[application, system] = lines
    assert wrong == {}


def test_another_log_group_may_be_named(lambdas):
    name = lambdas.make(
        "def handler(event, context): print('here')", LoggingConfig={"LogGroup": "/shared/group"}
    )
    lambdas.call(name)
    events = lambdas.boto("logs").filter_log_events(logGroupName="/shared/group")["events"]
    assert "here" in [event["message"] for event in events]
