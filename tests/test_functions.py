"""A folder becomes a running function, again and again, through plain boto3."""

import io
import os
import runpy
import textwrap
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdadeck import functions, glance


def names(code: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(code)).namelist()


def test_the_same_files_always_make_the_same_bytes(tmp_path):
    for order, name in enumerate(["b.py", "a.py", "package/c.py"]):
        path = tmp_path / "one" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"x = {name!r}\n")
        os.utime(path, (order * 1e6, order * 1e6))
    first = functions.pack(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    for path in (tmp_path / "two").rglob("*.py"):
        os.utime(path, (2e9, 2e9))
    assert functions.pack(tmp_path / "two") == first
    assert names(first) == ["a.py", "b.py", "package/c.py"]


def test_other_content_makes_other_bytes(tmp_path):
    (tmp_path / "app.py").write_text("one")
    first = functions.pack(tmp_path)
    (tmp_path / "app.py").write_text("two")
    assert functions.pack(tmp_path) != first


def test_what_python_and_jupyter_leave_behind_is_not_packed(tmp_path):
    for name in ["app.py", "__pycache__/app.pyc", ".ipynb_checkpoints/app.py", "data/.keep"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert names(functions.pack(tmp_path)) == ["app.py", "data/.keep"]


def test_one_file_can_be_a_function(tmp_path):
    (tmp_path / "glance.py").write_text("x = 1")
    assert names(functions.pack(tmp_path / "glance.py")) == ["glance.py"]


def test_files_can_be_read_by_whoever_unpacks_them_and_scripts_stay_executable(tmp_path):
    for name, mode in (("app.py", 0o600), ("bootstrap", 0o700)):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(mode)
    entries = zipfile.ZipFile(io.BytesIO(functions.pack(tmp_path))).infolist()
    assert {entry.filename: entry.external_attr >> 16 for entry in entries} == {
        "app.py": 0o644,
        "bootstrap": 0o755,
    }


def test_a_missing_folder_is_named_with_the_demos_that_there_are(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no function code at .*nowhere.*greet"):
        functions.pack(tmp_path / "nowhere")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is empty"):
        functions.pack(tmp_path)


def test_every_demo_function_is_packed_with_its_handler():
    for folder in functions.FUNCTIONS.iterdir():
        if (folder / "app.py").exists():
            assert "app.py" in names(functions.pack(folder)), folder
            compile((folder / "app.py").read_text(), str(folder), "exec")


def test_the_handler_of_2017_is_that_of_the_slide():
    source = (functions.FUNCTIONS / "glance-2017" / "app.py").read_text()
    assert source == (
        "import os\nimport platform\nimport sys\n\n"
        "def lambda_handler(event, context):\n"
        "    print(os.name)\n    print(platform.platform())\n    print(platform.machine())\n"
    )


# --- on the embedded cloud ------------------------------------------------------------------------


@pytest.fixture
def client(lambdas):
    return lambdas.client


@pytest.fixture
def name(client) -> Iterator[str]:
    """Return an unused name, and remove the function of that name afterwards."""
    fresh = f"functions-{uuid.uuid4().hex}"
    yield fresh
    functions.remove(fresh, client=client)


def folder(path: Path, source: str) -> Path:
    path.mkdir(exist_ok=True)
    (path / "app.py").write_text(textwrap.dedent(source))
    return path


def configuration(client, name: str) -> dict:
    return client.get_function_configuration(FunctionName=name)


def test_a_deployed_function_answers_with_its_report_and_its_log(client, name):
    arn = functions.deploy(name, functions.FUNCTIONS / "greet", client=client)
    answer = functions.invoke(name, {"name": "Ada"}, client=client)
    assert arn.endswith(f":function:{name}")
    assert (answer.status, answer.error, answer.payload) == (200, None, {"greeting": "Hello, Ada!"})
    assert answer.report.cold and answer.report.memory_mb == 128
    assert "greeting Ada" in answer.log
    assert answer.wall_ms >= answer.report.duration_ms


def test_deploying_again_updates_code_and_configuration(client, name, tmp_path):
    first = functions.deploy(
        name, folder(tmp_path / "one", "handler = lambda e, c: 1"), client=client
    )
    assert functions.invoke(name, client=client).payload == 1
    code = folder(tmp_path / "two", "import os\nhandler = lambda e, c: os.environ['PLACE']")
    again = functions.deploy(
        name, code, memory_mb=512, timeout_s=9, environment={"PLACE": "Lille"}, client=client
    )
    assert again == first
    assert functions.invoke(name, client=client).payload == "Lille"
    found = configuration(client, name)
    assert (found["MemorySize"], found["Timeout"]) == (512, 9)


def test_a_deployment_of_the_same_thing_still_starts_cold(client, name):
    for _ in range(2):
        functions.deploy(name, functions.FUNCTIONS / "counter", client=client)
        calls = [functions.invoke(name, client=client) for _ in range(2)]
        assert [call.payload["count"] for call in calls] == [1, 2]
        assert [call.report.cold for call in calls] == [True, False]


def test_variables_of_an_earlier_deployment_do_not_stay(client, name):
    greet = functions.FUNCTIONS / "greet"
    functions.deploy(name, greet, environment={"GREETING": "Bonjour"}, client=client)
    functions.deploy(name, greet, client=client)
    assert functions.invoke(name, client=client).payload == {"greeting": "Hello, world!"}


def test_a_deployment_that_was_interrupted_is_finished_by_the_next(client, name):
    functions.deploy(name, functions.FUNCTIONS / "greet", client=client)
    client.update_function_configuration(FunctionName=name, Timeout=7)  # and nobody waits
    functions.deploy(name, functions.FUNCTIONS / "greet", client=client)
    assert configuration(client, name)["Timeout"] == 3


def test_an_error_of_the_handler_is_told_in_one_line_with_its_log(client, name, tmp_path):
    source = """
        def handler(event, context):
            raise KeyError("no such thing")
    """
    functions.deploy(name, folder(tmp_path / "code", source), client=client)
    answer = functions.invoke(name, client=client)
    assert answer.error == "KeyError: 'no such thing'"
    assert answer.payload["stackTrace"]
    assert answer.report is not None


def test_the_killer_ends_its_own_process_and_the_next_call_has_a_new_environment(client, name):
    functions.deploy(name, functions.FUNCTIONS / "killer", client=client)
    before, dying, after = (
        functions.invoke(name, {"end": end}, client=client) for end in (False, True, False)
    )
    assert dying.error.startswith("Runtime.ExitError: ")
    assert (before.error, after.error) == (None, None)
    assert before.payload["environment"] != after.payload["environment"]


def test_a_probe_uploaded_as_one_file_sees_the_inside(client, name):
    functions.deploy(name, glance.__file__, handler="glance.handler", client=client)
    inside = functions.invoke(name, client=client).payload
    assert inside.keys() == glance.probe().keys()
    assert inside["process"] != os.getpid()
    assert inside["variables"] != len(os.environ)


def test_the_handler_of_2017_prints_the_same_three_lines_inside(client, name, capsys):
    code = functions.FUNCTIONS / "glance-2017"
    functions.deploy(name, code, handler="app.lambda_handler", client=client)
    answer = functions.invoke(name, client=client)
    runpy.run_path(str(code / "app.py"))["lambda_handler"]({}, None)
    here = capsys.readouterr().out.splitlines()
    assert answer.payload is None
    assert [line for line in answer.log.splitlines() if line in here] == here
    assert here[0] == "posix"


def test_removing_a_function_twice_is_no_error(client, name):
    functions.deploy(name, functions.FUNCTIONS / "greet", client=client)
    for _ in range(2):
        functions.remove(name, client=client)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        functions.invoke(name, client=client)


def test_an_invocation_shows_answer_and_report_line(client, name):
    functions.deploy(name, functions.FUNCTIONS / "greet", client=client)
    shown = str(functions.invoke(name, client=client)).splitlines()
    assert shown[0] == '{"greeting": "Hello, world!"}'
    assert shown[1].startswith("REPORT RequestId: ") and shown[2].startswith("Billed Duration: ")


@pytest.mark.parametrize("init", ["pass", "raise SystemExit"])
def test_it_waits_until_environments_started_ahead_or_says_why_they_did_not(
    client, name, tmp_path, init
):
    (tmp_path / "app.py").write_text(f"{init}\ndef handler(event, context): pass\n")
    functions.deploy(name, tmp_path, client=client)
    version = client.publish_version(FunctionName=name)["Version"]
    ahead = {"FunctionName": name, "Qualifier": version}
    client.put_provisioned_concurrency_config(**ahead, ProvisionedConcurrentExecutions=1)
    if init == "pass":
        with functions.started_ahead(client, name, version):
            assert client.get_provisioned_concurrency_config(**ahead)["Status"] == "READY"
    else:
        words = "Not all environments started: FUNCTION_ERROR"
        with (
            pytest.raises(RuntimeError, match=words),
            functions.started_ahead(client, name, version),
        ):
            pytest.fail("It went on without the environments.")
    with pytest.raises(client.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        client.get_provisioned_concurrency_config(**ahead)


def test_it_gives_up_waiting_for_environments_started_ahead(client, name, tmp_path):
    (tmp_path / "app.py").write_text("while True: pass\n")
    functions.deploy(name, tmp_path, client=client)
    version = client.publish_version(FunctionName=name)["Version"]
    ahead = {"FunctionName": name, "Qualifier": version}
    client.put_provisioned_concurrency_config(**ahead, ProvisionedConcurrentExecutions=1)
    with (
        pytest.raises(RuntimeError, match="started within 0 seconds"),
        functions.started_ahead(client, name, version, patience_s=0),
    ):
        pytest.fail("It went on without the environments.")
    functions.remove(name, client=client)
