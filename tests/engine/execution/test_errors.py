"""Hostile functions, and the words in which AWS Lambda reports each."""

import re

import psutil
import pytest

from lambdadeck.engine.execution import errors
from tests.support.cases import each
from tests.support.lambdas import processes, wait_until

RAISES = [
    ("an exception", "def handler(e, c): raise ValueError('no')", "ValueError", "^no$"),
    (
        "an exception of its own class",
        "class Broken(Exception): pass\ndef handler(e, c): raise Broken('x')",
        "Broken",
        "^x$",
    ),
    ("an exception without words", "def handler(e, c): raise RuntimeError", "RuntimeError", "^$"),
    (
        "recursion without end",
        "def handler(e, c): return handler(e, c)",
        "RecursionError",
        "maximum recursion depth",
    ),
    (
        "a division by zero",
        "def handler(e, c): return 1 / 0",
        "ZeroDivisionError",
        "division by zero",
    ),
    (
        "a message of 2 MB",
        "def handler(e, c): raise ValueError('x' * 2_000_000)",
        "ValueError",
        "^x{2000000}$",
    ),
    (
        "a message that is not ASCII",
        "def handler(e, c): raise ValueError('né 🐑')",
        "ValueError",
        "^né 🐑$",
    ),
    (
        "a set as the answer",
        "def handler(e, c): return {1}",
        "Runtime.MarshalError",
        "set is not JSON serializable",
    ),
    (
        "an object as the answer",
        "def handler(e, c): return object()",
        "Runtime.MarshalError",
        "object is not JSON serializable",
    ),
    (
        "itself as the answer",
        "def handler(e, c):\n    a = []\n    a.append(a)\n    return a",
        "Runtime.MarshalError",
        "Circular|recursion",
    ),
    (
        "a handler that takes nothing",
        "def handler(): return 1",
        "TypeError",
        "takes 0 positional arguments but 2",
    ),
    ("a handler that is no function", "handler = 3", "TypeError", "'int' object is not callable"),
    (
        "a MemoryError of its own",
        "def handler(e, c): raise MemoryError('mine')",
        "MemoryError",
        "mine",
    ),
]
INITS = [
    (
        "a module that is not there",
        "import nothing_like_this",
        "Runtime.ImportModuleError",
        "^Unable to import module 'app': No module named 'nothing_like_this'$",
    ),
    (
        "a syntax error",
        "def handler(:",
        "Runtime.UserCodeSyntaxError",
        r"^Syntax error in module 'app': .*line 1",
    ),
    (
        "no handler of that name",
        "x = 1",
        "Runtime.HandlerNotFound",
        "^Handler 'handler' missing on module 'app'$",
    ),
    ("an exception at import", "raise KeyError('at import')", "KeyError", "at import"),
    ("a null byte in the source", "x = 1\0", "", "null bytes"),
]
ENDS = [
    (
        "sys.exit(0)",
        "import sys\ndef handler(e, c): sys.exit(0)",
        "Runtime exited without providing a reason",
    ),
    (
        "sys.exit(4)",
        "import sys\ndef handler(e, c): sys.exit(4)",
        "Runtime exited with error: exit status 4",
    ),
    ("exit()", "def handler(e, c): exit()", "Runtime exited without providing a reason"),
    (
        "os._exit(0)",
        "import os\ndef handler(e, c): os._exit(0)",
        "Runtime exited without providing a reason",
    ),
    (
        "os._exit(3)",
        "import os\ndef handler(e, c): os._exit(3)",
        "Runtime exited with error: exit status 3",
    ),
    (
        "a segmentation fault",
        "import ctypes\ndef handler(e, c): ctypes.string_at(0)",
        "Runtime exited with error: signal: segmentation fault",
    ),
    (
        "abort",
        "import os\ndef handler(e, c): os.abort()",
        "Runtime exited with error: signal: aborted",
    ),
    (
        "SIGKILL to itself",
        "import os\ndef handler(e, c): os.kill(os.getpid(), 9)",
        "Runtime exited with error: signal: killed",
    ),
    (
        "SIGTERM to itself",
        "import os\ndef handler(e, c): os.kill(os.getpid(), 15)",
        "Runtime exited with error: signal: terminated",
    ),
    (
        "SIGKILL to its group",
        "import os\ndef handler(e, c): os.killpg(0, 9)",
        "Runtime exited with error: signal: killed",
    ),
    (
        "an exit in another thread",
        "import os, threading, time\ndef handler(e, c):\n"
        "    threading.Thread(target=os._exit, args=(5,)).start()\n    time.sleep(5)",
        "Runtime exited with error: exit status 5",
    ),
    ("an exit during INIT", "import os\nos._exit(9)", "Runtime exited with error: exit status 9"),
]


def named(cases):
    return pytest.mark.parametrize("case", cases, ids=[case[0] for case in cases])


@named(RAISES)
def test_what_a_handler_raises_comes_back_in_awss_shape(lambdas, case):
    _, source, error_type, message = case
    called = lambdas.call(lambdas.make(source, Timeout=10, MemorySize=512))
    assert (called.status, called.error, called.payload["errorType"]) == (
        200,
        "Unhandled",
        error_type,
    )
    assert re.search(message, called.payload["errorMessage"])
    assert set(called.payload) == {"errorMessage", "errorType", "requestId", "stackTrace"}
    assert f"REPORT RequestId: {called.payload['requestId']}\t" in called.log


@named(INITS)
def test_what_fails_in_init_comes_back_in_awss_shape(lambdas, case):
    _, source, error_type, message = case
    name = lambdas.make(source, Timeout=10)
    for _ in range(2):  # the second call tries INIT again, as AWS does
        called = lambdas.call(name)
        assert called.error == "Unhandled" and called.payload["errorType"].endswith(error_type)
        assert re.search(message, called.payload["errorMessage"])
        assert "Status: error" in called.report


@named(ENDS)
def test_a_runtime_that_ends_is_reported_with_how_it_ended(lambdas, case):
    _, source, reason = case
    name = lambdas.make(source, Timeout=10)
    for _ in range(2):
        called = lambdas.call(name)
        assert called.error == "Unhandled" and called.payload["errorType"] == "Runtime.ExitError"
        assert re.fullmatch(
            rf"RequestId: [0-9a-f-]{{36}} Error: {reason}", called.payload["errorMessage"]
        )


def test_a_stack_trace_shows_the_functions_own_lines(lambdas):
    trace = lambdas.call(
        lambdas.make("def deep(): raise OSError('x')\ndef handler(e, c): deep()")
    ).payload["stackTrace"]
    assert (
        len(trace) == 2
        and "in handler" in trace[0]
        and "in deep" in trace[1]
        and "app.py" in trace[0]
    )


def test_a_handlers_module_that_is_nowhere_in_the_zip_is_an_import_error(lambdas):
    called = lambdas.call(lambdas.make("def handler(e, c): return 1", handler="other.handler"))
    assert called.payload["errorType"] == "Runtime.ImportModuleError"


def test_a_handler_without_a_dot_is_malformed(lambdas):
    called = lambdas.call(lambdas.make("def handler(e, c): return 1", handler="handler"))
    assert called.payload["errorType"] == "Runtime.MalformedHandlerName"


def test_output_that_is_not_utf8_is_replaced_and_not_lost(lambdas):
    called = lambdas.call(
        lambdas.make(
            "import os\ndef handler(e, c):\n    os.write(1, b'a\\xff\\xfeb\\n')\n    return 1"
        )
    )
    assert called.payload == 1 and "a��b" in called.log


def test_a_last_line_without_a_newline_is_not_lost(lambdas):
    called = lambdas.call(lambdas.make("def handler(e, c): print('the last word', end='')"))
    assert "the last word\nEND RequestId" in called.log


def test_stderr_is_logged_too(lambdas):
    assert (
        "to stderr"
        in lambdas.call(
            lambdas.make("import sys\ndef handler(e, c): print('to stderr', file=sys.stderr)")
        ).log
    )


def test_a_hundred_megabytes_of_prints_are_survived_and_what_is_dropped_is_said(lambdas):
    name = lambdas.make(
        "def handler(e, c):\n    for _ in range(100): print('y' * (1 << 20))\n    return 'done'",
        Timeout=60,
        MemorySize=1769,
    )
    called = lambdas.call(name)
    assert called.payload == "done" and len(called.log.encode()) <= 4096
    assert re.search(r"\[local\] 9\d{7} bytes of output dropped", called.log)


def test_prints_without_newlines_are_survived(lambdas):
    called = lambdas.call(
        lambdas.make("def handler(e, c): print('z' * (3 << 20), end='')", MemorySize=512)
    )
    assert called.error is None and called.log.rstrip("\n").count("\n") >= 1


def test_children_that_a_function_leaves_end_with_it(lambdas):
    name = lambdas.make("""
        import subprocess, os
        from who import who
        def handler(event, context):
            child = subprocess.Popen(["/bin/sleep", "987"])
            if event == "crash":
                os._exit(1)
            return who(child.pid)
    """)
    [child] = processes(lambdas.call(name).payload)
    wait_until(lambda: child.status() == psutil.STATUS_STOPPED)  # frozen with its parent
    lambdas.call(name, "crash")
    wait_until(
        lambda: (
            ["/bin/sleep", "987"]
            not in [p.info["cmdline"] for p in psutil.process_iter(["cmdline"])]
        )
    )


def test_an_answer_at_the_limit_passes_and_one_over_it_does_not(lambdas):
    name = lambdas.make(
        "def handler(event, context): return 'x' * event", MemorySize=512, Timeout=30
    )
    assert len(lambdas.call(name, errors.RESPONSE_LIMIT - 2).payload) == errors.RESPONSE_LIMIT - 2
    over = lambdas.call(name, errors.RESPONSE_LIMIT - 1)
    assert (
        over.error == "Unhandled" and over.payload["errorType"] == "Function.ResponseSizeTooLarge"
    )
    assert "(6291556 bytes)" in over.payload["errorMessage"]
    assert lambdas.call(name, 1).payload == "x"


@each(
    ("returncode", "words"),
    [
        (0, "Runtime exited without providing a reason"),
        (1, "Runtime exited with error: exit status 1"),
        (-9, "Runtime exited with error: signal: killed"),
        (-64, "Runtime exited with error: signal: signal 64"),
    ],
)
def test_exit_reasons_are_those_of_lambdas_supervisor(returncode, words):
    assert errors.exit_reason(returncode) == words
