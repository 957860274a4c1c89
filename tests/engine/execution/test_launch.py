"""One function in four languages, through boto3: each runtime keeps what AWS promises."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from lambdadeck import functions, report
from tests.support.speaking import needs

BEHAVIOR = Path(__file__).parents[1] / "runtimes" / "behavior"
MB = 512


@dataclass(frozen=True)
class Language:
    """A language, and what AWS has an error look like in it."""

    name: str
    runtime: str
    handler: str
    error_type: str
    trace: str
    frame: str

    def __str__(self) -> str:
        return self.name


LANGUAGES = [
    Language(
        "python",
        "python3.13",
        "app.handler",
        "ValueError",
        "stackTrace",
        'app.py", line 8, in handler',
    ),
    Language("nodejs", "nodejs22.x", "app.handler", "RangeError", "trace", "app.js:4:"),
    Language(
        "java",
        "java21",
        "behavior.App::handler",
        "java.lang.IllegalStateException",
        "stackTrace",
        "behavior.App.handler(App.java:16)",
    ),
    Language(
        "csharp",
        "dotnet10",
        "csharp::Behavior.App::Handler",
        "InvalidOperationException",
        "stackTrace",
        "Behavior.App",
    ),
]


@pytest.fixture(scope="module", params=LANGUAGES, ids=str)
def language(request, lambdas):
    """Deploy behavior/ of a language as behavior-NAME."""
    spoken = request.param
    needs(spoken.name)
    functions.deploy(
        f"behavior-{spoken.name}",
        BEHAVIOR / spoken.name,
        handler=spoken.handler,
        runtime=spoken.runtime,
        memory_mb=MB,
        timeout_s=4,
        client=lambdas.client,
    )
    return spoken


@pytest.fixture
def do(language, lambdas):
    """Call the function of the language."""
    return lambda what, **more: lambdas.call(f"behavior-{language.name}", {"do": what, **more})


def test_an_event_comes_in_and_an_answer_goes_out_whatever_letters_it_has(do):
    event = {"name": 'Ad\\a "é" 😀\n', "numbers": [1, 2.5, None, True], "long": "x" * 100_000}
    assert do("answer", **event).payload == {"do": "answer", **event}


def test_the_first_call_is_cold_and_says_which_runtime_really_runs(language, lambdas, do):
    lambdas.client.update_function_configuration(
        FunctionName=f"behavior-{language.name}",
        Description="made new",
        Environment={"Variables": {"MADE": "new"}},
    )
    cold, warm = do("answer"), do("answer")
    starts = [line for line in lambdas.log(f"behavior-{language.name}") if "INIT_START" in line]
    assert re.match(r"INIT_START Runtime Version: \w+:\d+\.\d+", starts[-1])
    assert report.parse(cold.log).cold and not report.parse(warm.log).cold
    assert report.parse(cold.log).memory_mb == MB and report.parse(warm.log).max_memory_mb > 5


def test_an_error_has_the_shape_that_aws_gives_it_in_this_language(language, do):
    failed = do("fail")
    assert failed.status == 200 and failed.error == "Unhandled"
    assert failed.payload["errorType"] == language.error_type
    assert failed.payload["errorMessage"] == 'so it goes: "é"'
    assert any(language.frame in frame for frame in failed.payload[language.trace])
    assert not any(
        "ootstrap" in frame for frame in failed.payload[language.trace] if language.name != "nodejs"
    )
    assert "so it goes" in failed.log
    assert do("answer").payload == {"do": "answer"}, (
        "an error ends the invocation, not the environment"
    )


def test_java_and_csharp_report_the_cause_of_an_error_too(language, do):
    cause = do("fail").payload.get("cause", {})
    assert cause.get("errorMessage") == (
        "the cause" if language.name in ("java", "csharp") else None
    )


def test_the_context_tells_the_request_the_time_left_and_the_memory(language, do):
    told = do("context")
    assert told.error is None
    assert told.payload["request"] == report.parse(told.log).request_id
    assert 2000 < told.payload["left_ms"] <= 4000
    assert told.payload["memory_mb"] == MB
    assert told.payload["name"] == f"behavior-{language.name}"
    assert told.payload["arn"].endswith(f":function:behavior-{language.name}")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", told.payload["stream"])


def test_what_is_printed_stands_between_start_and_end_and_in_cloudwatch(language, lambdas, do):
    answered = do("answer")
    lines = answered.log.splitlines()
    kinds = [re.sub(r" .*", "", line) for line in lines if line]
    begin, end = kinds.index("START"), kinds.index("END")
    printed = [line for line in lines if line][begin + 1 : end]
    assert printed[0].endswith("first line") and printed[1].endswith("second line: é")
    assert set(printed) <= set(lambdas.log(f"behavior-{language.name}"))


def test_nodejs_and_csharp_put_time_and_request_before_what_is_printed(language, do):
    answered = do("answer")
    request = report.parse(answered.log).request_id
    level = {"nodejs": "INFO", "csharp": "info"}.get(language.name)
    start = rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request}\t{level}\t" if level else ""
    assert re.search(rf"^{start}first line$", answered.log, re.MULTILINE)


def test_a_timeout_ends_the_process_and_the_next_call_gets_a_new_one(language, lambdas):
    name = f"behavior-{language.name}"
    lambdas.client.update_function_configuration(FunctionName=name, Timeout=1)
    late = lambdas.call(name, {"do": "sleep"})
    lambdas.client.update_function_configuration(FunctionName=name, Timeout=4)
    assert late.error == "Unhandled" and late.payload["errorType"] == "Sandbox.Timedout"
    assert late.payload["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert "first line" in late.log and "Status: timeout" in late.report
    assert lambdas.call(name, {"do": "answer"}).payload == {"do": "answer"}


def test_a_process_that_ends_itself_is_reported_with_its_exit_status(do):
    gone = do("exit")
    assert gone.payload["errorType"] == "Runtime.ExitError"
    assert gone.payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert do("answer").payload == {"do": "answer"}


def test_a_handler_that_is_not_there_fails_in_init_and_is_named(language, lambdas):
    wrong = re.sub("[Hh]andler$", "nowhere", language.handler)
    functions.deploy(
        f"lost-{language.name}",
        BEHAVIOR / language.name,
        handler=wrong,
        runtime=language.runtime,
        memory_mb=MB,
        client=lambdas.client,
    )
    lost = lambdas.call(f"lost-{language.name}", {})
    assert lost.error == "Unhandled" and "nowhere" in lost.payload["errorMessage"]
    assert lost.payload["errorType"] != "Runtime.ExitError"
    assert "Phase: init\tStatus: error" in lost.log


def test_the_largest_event_comes_in_and_goes_out_again(do):
    long = "x" * (6 * 1024 * 1024 - 40)
    assert do("answer", long=long).payload["long"] == long


def test_an_answer_over_the_limit_is_an_error_and_the_next_call_is_answered(do):
    assert do("grow").payload["errorType"] == "Function.ResponseSizeTooLarge"
    assert do("answer").payload == {"do": "answer"}
