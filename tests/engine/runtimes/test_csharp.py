"""C# handlers on streams, by .NET or Mono, and the ways in which they fail."""

import re

import pytest

from lambdadeck import functions
from tests.support.speaking import needs

HEAD = (
    "using System; using System.IO; using System.Threading.Tasks; using Amazon.Lambda.Core;"
    " public class App { %s }"
)


@pytest.fixture
def csharp(lambdas, tmp_path, request):
    """Make a function of a class called App and call it."""
    needs("csharp")

    def call(body, handler="made::App::Handle"):
        (tmp_path / "App.cs").write_text(HEAD % body)
        (tmp_path / "made.csproj").write_text("<Project/>")
        name = re.sub(r"\W", "-", request.node.name)[-60:]
        functions.deploy(
            name,
            tmp_path,
            handler=handler,
            runtime="dotnet10",
            memory_mb=256,
            client=lambdas.client,
        )
        return lambdas.call(name, {"a": 1})

    return call


@pytest.mark.parametrize(
    "body",
    [
        "public Stream Handle(Stream input) { return input; }",
        "public static Stream Handle(Stream input) { return input; }",
        "public Stream Handle(Stream input, ILambdaContext context) { return input; }",
        "public MemoryStream Handle(Stream input) { return (MemoryStream)input; }",
        "public async Task<Stream> Handle(Stream input) { await Task.Delay(1); return input; }",
    ],
)
def test_a_handler_turns_a_stream_into_a_stream_now_or_later(csharp, body):
    assert csharp(body).payload == {"a": 1}


@pytest.mark.parametrize(
    ("body", "handler", "kind", "message"),
    [
        ("", "made::Nowhere::Handle", "TypeLoadException", "Nowhere"),
        ("", "made::App::Handle", "MissingMethodException", "Stream Handle(Stream)"),
        (
            "public string Handle(string s) { return s; }",
            "made::App::Handle",
            "MissingMethodException",
            "Stream Handle(Stream)",
        ),
        (
            "public Stream Handle(Stream s) { return s; }",
            "other::App::Handle",
            "FileNotFoundException",
            "other",
        ),
        ("", "App.Handle", "ArgumentException", "Assembly::Namespace.Class::Method"),
        (
            'public App() { throw new TimeoutException("not today"); }'
            " public Stream Handle(Stream s) { return s; }",
            "made::App::Handle",
            "TimeoutException",
            "not today",
        ),
    ],
)
def test_what_cannot_be_loaded_fails_in_init_and_is_named(csharp, body, handler, kind, message):
    failed = csharp(body, handler)
    assert failed.error == "Unhandled" and failed.payload["errorType"] == kind
    assert message in failed.payload["errorMessage"] and "Phase: init" in failed.log


def test_an_error_after_an_await_keeps_its_own_trace_and_not_ours(csharp):
    failed = csharp(
        "public async Task<Stream> Handle(Stream s) { await Task.Delay(1); return Fail(); }"
        " [System.Runtime.CompilerServices.MethodImpl("
        "System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]"
        ' static Stream Fail() { throw new FormatException("late"); }'
    )
    assert failed.payload["errorType"] == "FormatException"
    assert "Fail" in failed.payload["stackTrace"][0]
    assert not any(
        "FunctionHandler" in line or "Bootstrap" in line for line in failed.payload["stackTrace"]
    )
