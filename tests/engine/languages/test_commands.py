"""Which command starts a runtime, and what is said when there is none."""

import io
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from lambdadeck.engine.languages import commands, toolchains
from lambdadeck.engine.model import FunctionSpec
from tests.support.lambdas import ROLE
from tests.support.speaking import needs

PYTHON_RUNTIME = """#!{python}
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(api + "next") as event:
        request, body = event.headers["Lambda-Runtime-Aws-Request-Id"], event.read()
    print("handler is", os.environ["_HANDLER"], "AWS_EXECUTION_ENV" in os.environ, flush=True)
    answer = json.dumps({{"got": json.loads(body)}}).encode()
    urllib.request.urlopen(api + request + "/response", answer).close()
"""
# Nothing but bash: a connection for each call, as with curl.
BASH_RUNTIME = r"""#!/usr/bin/env bash
ask() {
    exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API/://}"
    printf '%s\r\nHost: %s\r\nContent-Length: %s\r\n\r\n%s' \
        "$1 /2018-06-01/runtime/$2 HTTP/1.1" "$AWS_LAMBDA_RUNTIME_API" "${#3}" "$3" >&3
}
while true; do
    ask GET invocation/next ""
    while IFS=$'\r' read -r line <&3 && [ -n "$line" ]; do
        case "$line" in
            Lambda-Runtime-Aws-Request-Id:*) id="${line#*: }";;
            Content-Length:*) size="${line#*: }";;
        esac
    done
    IFS= read -r -d '' -n "$size" event <&3
    ask POST "invocation/$id/response" "{\"bash\": $event}"
    read -r status <&3
done
"""


def spec(tmp_path, runtime, **more):
    return FunctionSpec(
        "f", "arn", "$LATEST", "1", runtime, "app.handler", "eu-west-1", tmp_path, **more
    )


def make(lambdas, name, files, runtime="provided.al2023", mode=0o755):
    """Make a function of these files, with this mode."""
    blob = io.BytesIO()
    with zipfile.ZipFile(blob, "w") as archive:
        for path, text in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = mode << 16
            archive.writestr(entry, text)
    lambdas.client.create_function(
        FunctionName=name,
        Runtime=runtime,
        Handler="any.thing",
        Role=ROLE,
        MemorySize=256,
        Code={"ZipFile": blob.getvalue()},
    )


def test_provided_runs_whatever_is_called_bootstrap(lambdas):
    make(
        lambdas,
        "own-runtime",
        {"bootstrap": PYTHON_RUNTIME.format(python=os.path.realpath(sys.executable))},
    )
    for _ in range(2):
        answered = lambdas.call("own-runtime", {"a": 1})
        assert (
            answered.payload == {"got": {"a": 1}} and "handler is any.thing False\n" in answered.log
        )


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not on this machine")
def test_provided_runs_a_script_that_opens_a_connection_for_each_call(lambdas):
    make(lambdas, "own-script", {"bootstrap": BASH_RUNTIME})
    assert [lambdas.call("own-script", n).payload for n in (1, 2, 3)] == [
        {"bash": 1},
        {"bash": 2},
        {"bash": 3},
    ]


def test_provided_without_a_bootstrap_says_so(lambdas):
    make(lambdas, "no-bootstrap", {"main": "#!/bin/sh\n"})
    failed = lambdas.call("no-bootstrap")
    assert (
        failed.error == "Unhandled" and failed.payload["errorType"] == "Runtime.InvalidEntrypoint"
    )
    assert "Couldn't find valid bootstrap" in failed.payload["errorMessage"]


def test_a_bootstrap_that_may_not_be_executed_is_named_with_the_remedy(lambdas):
    make(lambdas, "not-executable", {"bootstrap": "#!/bin/sh\n"}, mode=0o644)
    assert "chmod +x bootstrap" in lambdas.call("not-executable").payload["errorMessage"]


def test_a_bootstrap_that_ends_is_reported_with_its_status(lambdas):
    make(lambdas, "ending", {"bootstrap": "#!/bin/sh\necho going\nexit 42\n"})
    failed = lambdas.call("ending")
    assert "exit status 42" in failed.payload["errorMessage"] and "going" in failed.log


def test_a_bootstrap_in_a_layer_serves_every_function_that_has_the_layer(tmp_path):
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "bootstrap").write_text("#!/bin/sh\n")
    (layer / "bootstrap").chmod(0o755)
    (tmp_path / "code").mkdir()
    assert commands.provided(spec(tmp_path / "code", "provided.al2023", layers=(layer,))).words == [
        str(layer / "bootstrap")
    ]


@pytest.mark.parametrize(
    ("runtime", "family", "version", "said"),
    [
        ("python3.11", "python", "3.11.7", "python:3.11.7"),
        (
            "python3.1",
            "python",
            "3.11.7",
            "python:3.11.7 (asked for python3.1, which is not on this machine)",
        ),
        ("nodejs20.x", "nodejs", "20.1.0", "nodejs:20.1.0"),
        (
            "nodejs22.x",
            "nodejs",
            "20.1.0",
            "nodejs:20.1.0 (asked for nodejs22.x, which is not on this machine)",
        ),
        ("java17", "java", "17", "java:17"),
        ("java17.al2023", "java", "17.0.15", "java:17.0.15"),
        (
            "java25",
            "java",
            "17.0.15",
            "java:17.0.15 (asked for java25, which is not on this machine)",
        ),
        ("dotnet8", "dotnet", "8.0.11", "dotnet:8.0.11"),
    ],
)
def test_the_log_says_what_runs_and_what_was_asked_for(runtime, family, version, said):
    assert commands.runs_as(runtime, family, version) == said


def test_java_gets_a_heap_that_fits_the_memory_and_the_libraries_of_the_package(tmp_path):
    needs("java")
    words = commands.java(spec(tmp_path, "java21", memory_mb=512)).words
    assert Path(words[0]).is_absolute() and "-XX:MaxHeapSize=445644k" in words
    assert f"{tmp_path}:{tmp_path}/lib/*" in words[words.index("-cp") + 1]


def test_csharp_says_when_it_is_mono_that_runs(tmp_path):
    needs("csharp")
    label = commands.csharp(spec(tmp_path, "dotnet10")).label
    mono = toolchains.csharp().name == "mono"
    assert (
        label.startswith("mono:" if mono else "dotnet:")
        and (".NET is not on this machine" in label) == mono
    )


def test_a_language_that_nothing_here_runs_is_refused_with_those_that_are(lambdas):
    make(lambdas, "ruby", {"app.rb": ""}, runtime="ruby3.4")
    message = lambdas.call("ruby").payload["errorMessage"]
    assert "cannot run ruby3.4" in message and "Node.js" in message
