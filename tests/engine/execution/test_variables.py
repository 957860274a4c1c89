"""The environment variables inside, against the developer guide and a recording from AWS.

Guide: "Defined runtime environment variables". The values were recorded from AWS by LocalStack's
AWS-validated tests (Apache License 2.0).
"""

import os
import re
import shutil
import sys

import pytest

from lambdadeck.engine.execution.launch import WRAPPER
from lambdadeck.engine.execution.runtime_api import trace
from lambdadeck.engine.languages import toolchains
from lambdadeck.engine.model import ACCOUNT, Settings
from tests.support.lambdas import Lambdas, zipped

PYTHON = "import os\ndef handler(event, context): return dict(os.environ)"
NODEJS = "exports.handler = async () => process.env;"
LIBRARIES = "/var/lang/lib:/lib64:/usr/lib64:{runtime}:{runtime}/lib:{task}:{task}/lib:/opt/lib"
COMMON = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_REGION": "eu-west-1",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",  # AWS: 169.254.100.1:2000
    "LANG": "en_US.UTF-8",
    "LD_LIBRARY_PATH": LIBRARIES,
    "MINE": "yes",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "TMPDIR": "/tmp/own",
    "TZ": ":UTC",
    "_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1",
    "_AWS_XRAY_DAEMON_PORT": "2000",
    "_HANDLER": "app.handler",
}
OWN = {"PYTHONPATH": "{runtime}", "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}
SHELL = {"PWD": "{task}", "SHLVL": "0"}
LAYERS = "/opt/nodejs/node20/node_modules:/opt/nodejs/node_modules"
NODE = {
    "NODE_PATH": LAYERS + ":{runtime}/node_modules:{runtime}:{task}",
    "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x",
}
NAMED = {  # whose values differ from start to start
    "AWS_ACCESS_KEY_ID",
    "AWS_ENDPOINT_URL",  # not on AWS: it points boto3 to this engine
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_X_AMZN_TRACE_ID",
}
MINE = {"MINE": "yes", "TMPDIR": "/tmp/own"}


def inside(lambdas: Lambdas, name: str, runtime: str, files: dict[str, str], **own: str):
    """Create a function with these variables of its own; return its answer."""
    lambdas.client.create_function(
        FunctionName=name,
        Runtime=runtime,
        Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/test",
        Code={"ZipFile": zipped(files)},
        MemorySize=256,
        Environment={"Variables": own},
    )
    return lambdas.call(name).payload


def differing(seen: dict[str, str], expected: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return what a function sees and what it should see, where they differ."""
    places = {"runtime": seen["LAMBDA_RUNTIME_DIR"], "task": seen["LAMBDA_TASK_ROOT"]}
    wanted = {name: value.format(**places) for name, value in expected.items()}
    found = {name: value for name, value in seen.items() if name not in NAMED}
    return {
        name: (found.get(name, "missing"), wanted.get(name, "not on AWS"))
        for name in found.keys() | wanted.keys()
        if found.get(name) != wanted.get(name)
    }


def test_python_sees_the_variables_of_aws_and_its_own(lambdas):
    seen = inside(lambdas, "variables", "python3.13", {"app.py": PYTHON}, **MINE)
    assert seen.pop("LC_CTYPE", "C.UTF-8") == "C.UTF-8"  # Python sets it, on AWS too (PEP 538)
    assert differing(seen, {**COMMON, **SHELL, **OWN}) == {} and seen.keys() >= NAMED
    assert seen["_X_AMZN_TRACE_ID"].startswith("Root=1-")


def test_nodejs_sees_the_variables_of_aws_and_its_own(lambdas):
    try:
        toolchains.node()
    except OSError as missing:
        pytest.skip(str(missing))
    seen = inside(lambdas, "variables-node", "nodejs20.x", {"app.js": NODEJS}, **MINE)
    assert differing(seen, {**COMMON, **SHELL, **NODE}) == {} and seen.keys() >= NAMED


BOOTSTRAP = f"""#!{os.path.realpath(sys.executable)}
import json, os, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
own = dict(item.split("=", 1) for item in open("/proc/self/environ").read().split(chr(0))[:-1])
while True:
    with urllib.request.urlopen(api + "next") as event:
        request = event.headers["Lambda-Runtime-Aws-Request-Id"]
    urllib.request.urlopen(api + request + "/response", json.dumps(own).encode()).close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_custom_runtime_is_started_by_no_shell_and_knows_no_trace_yet(lambdas):
    files = {"bootstrap": BOOTSTRAP}
    seen = inside(lambdas, "variables-own", "provided.al2023", files, **MINE)
    assert differing(seen, COMMON) == {} and NAMED - seen.keys() == {"_X_AMZN_TRACE_ID"}


def test_the_format_and_level_of_logs_are_told_if_the_format_is_json(lambdas):
    inside(lambdas, "variables-json", "python3.13", {"app.py": PYTHON})
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}
    lambdas.client.update_function_configuration(
        FunctionName="variables-json", LoggingConfig=logging
    )
    seen = lambdas.call("variables-json").payload
    told = [seen[f"AWS_LAMBDA_LOG_{name}"] for name in ("FORMAT", "LEVEL")]
    assert told == ["JSON", "DEBUG"]


def test_stack_traces_show_var_runtime_and_never_the_checkout(lambdas):
    python = "import traceback\ndef handler(event, context): return traceback.format_stack()"
    stacks = [inside(lambdas, "stack", "python3.13", {"app.py": python})]
    if shutil.which("node"):
        nodejs = "exports.handler = async () => new Error('here').stack;"
        stacks.append(inside(lambdas, "stack-node", "nodejs20.x", {"app.js": nodejs}))
    if inside(lambdas, "places", "python3.13", {"app.py": PYTHON})["PWD"] != "/var/task":
        pytest.skip("this machine allows no namespaces: the runtime is in a folder of its own")
    for stack in stacks:
        files = re.findall(r"(?:File \"|\(|at )(/[^:\"]+)", str(stack))
        assert "/var/runtime" in files[0] + files[-1] and len(files) > 2
        assert all(file.startswith(("/var/runtime/", "/var/task/")) for file in files), files


def test_a_wrapper_script_of_the_package_starts_the_runtime(lambdas):
    wrapper = '#!/bin/sh\nexport WRAPPED="$(basename "$1")"\nexec "$@"\n'
    source = "import os\ndef handler(event, context): return os.environ['WRAPPED']"
    files, own = {"app.py": source, "wrapper": wrapper}, {WRAPPER: "/var/task/wrapper"}
    assert inside(lambdas, "wrapped", "python3.13", files, **own).startswith("python")


def test_a_tracing_header_is_completed_and_keeps_what_the_caller_sent():
    fields = dict(part.split("=") for part in trace("Root=1-67a;Sampled=1", 0x67A).split(";"))
    assert fields.keys() == {"Root", "Parent", "Sampled", "Lineage"}
    assert (fields["Root"], fields["Sampled"], len(fields["Parent"])) == ("1-67a", "1", 16)
    assert trace("", 0x67A).startswith("Root=1-0000067a-")


def test_each_function_is_a_session_of_its_role_with_credentials_of_its_own(lambdas):
    source = """
        import boto3, os
        def handler(event, context):
            boto3.client("s3").list_buckets()
            me = boto3.client("sts").get_caller_identity()
            names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
            return [me["Arn"], me["Account"], *[os.environ[name] for name in names]]
    """
    names = [lambdas.make(source, Timeout=20, MemorySize=1769) for _ in range(2)]
    one, other = (lambdas.call(name).payload for name in names)
    assert one[:2] == [f"arn:aws:sts::{ACCOUNT}:assumed-role/test/{names[0]}", ACCOUNT]
    assert other[0] == f"arn:aws:sts::{ACCOUNT}:assumed-role/test/{names[1]}"
    role = lambdas.engine.settings.role
    given = [*one[2:], *other[2:], role.access_key, role.secret_key, role.token]
    assert len(set(given)) == len(given), "nobody has the credentials of another one"


def test_only_keys_of_this_start_have_a_secret():
    given, foreign = Settings(), Settings()
    session = given.role.session("one")
    assert given.secret_of(session.access_key) == session.secret_key
    assert given.secret_of(given.deck.access_key) == given.deck.secret_key
    assert given.secret_of(foreign.role.session("one").access_key) is None
    assert foreign.role.session("one").secret_key != session.secret_key
