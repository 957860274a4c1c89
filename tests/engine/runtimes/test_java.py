"""Java handlers of each kind that AWS runs on streams, and the ways in which they fail."""

import re
from pathlib import Path

import pytest

from lambdadeck import functions
from lambdadeck.engine.languages.commands import RUNTIMES
from tests.support.speaking import needs

HEAD = "import java.io.*; import com.amazonaws.services.lambda.runtime.*; public class App "
WRITE = "o.write(i.readAllBytes());"


@pytest.fixture
def java(lambdas, tmp_path, request):
    """Make a function of a class called App and call it."""
    needs("java")

    def call(body, handler="App::handle", memory_mb=256):
        (tmp_path / "App.java").write_text(HEAD + body)
        name = re.sub(r"\W", "-", request.node.name)[-60:]
        functions.deploy(
            name,
            tmp_path,
            handler=handler,
            runtime="java21",
            memory_mb=memory_mb,
            client=lambdas.client,
        )
        return lambdas.call(name, {"a": 1})

    return call


@pytest.mark.parametrize(
    ("body", "handler"),
    [
        (
            "{ public void handle(InputStream i, OutputStream o) throws IOException { %s } }",
            "App::handle",
        ),
        (
            "{ public static void handle(InputStream i, OutputStream o)"
            " throws IOException { %s } }",
            "App::handle",
        ),
        (
            "{ public void handle(InputStream i, OutputStream o, Context c)"
            " throws IOException { %s } }",
            "App::handle",
        ),
        (
            "implements RequestStreamHandler {"
            " public void handleRequest(InputStream i, OutputStream o, Context c)"
            " throws IOException { %s } }",
            "App",
        ),
    ],
)
def test_a_handler_takes_streams_and_may_take_a_context(java, body, handler):
    assert java(body % WRITE, handler).payload == {"a": 1}


@pytest.mark.parametrize(
    ("body", "handler", "kind", "message"),
    [
        ("{}", "Nowhere::handle", "java.lang.ClassNotFoundException", "Class not found: Nowhere"),
        ("{}", "App::handle", "java.lang.NoSuchMethodException", "No public method named handle"),
        (
            "{ public String handle(String s) { return s; } }",
            "App::handle",
            "java.lang.NoSuchMethodException",
            "InputStream",
        ),
        (
            '{ public App() { throw new IllegalStateException("not today"); }'
            " public void handle(InputStream i, OutputStream o) {} }",
            "App::handle",
            "java.lang.IllegalStateException",
            "not today",
        ),
        (
            "{ static int x = 1 / 0; public void handle(InputStream i, OutputStream o) {} }",
            "App::handle",
            "java.lang.ExceptionInInitializerError",
            None,
        ),
    ],
)
def test_what_cannot_be_loaded_fails_in_init_and_is_named(java, body, handler, kind, message):
    failed = java(body, handler)
    assert failed.error == "Unhandled" and failed.payload["errorType"] == kind
    assert (message or "") in (failed.payload["errorMessage"] or "") and "Phase: init" in failed.log


def test_out_of_memory_is_reported_and_ends_the_process(java):
    failed = java(
        "{ public void handle(InputStream i, OutputStream o)"
        " { long[] x = new long[Integer.MAX_VALUE - 8]; } }"
    )
    assert (
        failed.payload["errorType"] == "java.lang.OutOfMemoryError"
        and "Java heap space" in failed.payload["errorMessage"]
    )


@pytest.mark.parametrize(
    "source",
    [
        path
        for path in sorted(RUNTIMES.rglob("*.*"))
        if path.suffix in {".py", ".js", ".java", ".cs"}
    ],
    ids=lambda path: path.name,
)
def test_each_file_of_a_bootstrap_fits_a_page(source: Path):
    assert len(source.read_text().splitlines()) < 60
