"""The engine alone, for projects that know nothing of this one."""

import os
import signal
import subprocess
import sys
import urllib.request

PROJECT = """
import io, json, zipfile

import boto3


def test_my_function_doubles():
    blob = io.BytesIO()
    with zipfile.ZipFile(blob, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return event * 2")
    client = boto3.client("lambda")
    client.create_function(
        FunctionName="double", Runtime="python3.13", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/mine", Code={"ZipFile": blob.getvalue()},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="double", WaiterConfig={"Delay": 0.1})
    answer = client.invoke(FunctionName="double", Payload=json.dumps(21))
    assert json.load(answer["Payload"]) == 42
"""


def command(*arguments):
    return [sys.executable, "-m", "lambdadeck.engine", *arguments]


def test_the_tests_of_another_project_run_unchanged(tmp_path, root):
    (tmp_path / "test_project.py").write_text(PROJECT)
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    pytest += ["--rootdir", str(tmp_path), "-c", os.devnull]
    ran = subprocess.run(command("--", *pytest), cwd=root, capture_output=True, text=True)
    assert (ran.returncode, "1 passed" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_the_exit_code_is_the_command_s(root):
    for wanted, ending in ((3, "sys.exit(3)"), (143, "os.kill(os.getpid(), 15)")):
        code = f"import os, sys; assert os.environ['AWS_ENDPOINT_URL']; {ending}"
        ran = subprocess.run(command("--", sys.executable, "-c", code), cwd=root)
        assert ran.returncode == wanted
    ran = subprocess.run(command("--", "no-such-command"), cwd=root, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (
        127,
        "Cannot run no-such-command: No such file or directory.\n",
    )


def test_without_a_command_it_prints_what_to_export_and_serves_until_it_is_ended(root):
    with subprocess.Popen(command(), cwd=root, stdout=subprocess.PIPE, text=True) as process:
        said = {}
        for line in process.stdout:
            if line.startswith("#"):
                break
            name, _, value = line.removeprefix("export ").strip().partition("=")
            said[name] = value
        request = urllib.request.Request(said["AWS_ENDPOINT_URL"])
        try:
            status = urllib.request.urlopen(request, timeout=30).status
        except urllib.error.HTTPError as error:
            status = error.code
        assert status == 403  # it listens, and wants a signature
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} <= set(said)
