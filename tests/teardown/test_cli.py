"""scripts/teardown lists, asks and removes, with and without a terminal, on AWS and locally."""

import os
import subprocess
import sys
from types import SimpleNamespace

import boto3
import pytest

from lambdadeck import aws, functions
from lambdadeck.aws import ledger, role
from lambdadeck.teardown import rounds, sessions
from lambdadeck.teardown.cli import main
from tests.support.aws_account import ACCOUNT, aws_account, recorder
from tests.support.plain_boto3 import pointed_at
from tests.support.presenting import Presenting
from tests.support.terminal import Terminal

QUESTION = "Type the last four digits of the account to go on: "
CODE = {"ZipFile": functions.pack(functions.FUNCTIONS / "greet")}
FUNCTION = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role.LOCAL, "Code": CODE}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account, pointed_at(account.engine):
        yield account


@pytest.fixture
def seen(account):
    """Record calls to that account, which has a function of the talk and a stranger's."""
    client = boto3.client("lambda")
    client.create_function(FunctionName="left-by-the-talk", Tags=ledger.tags(), **FUNCTION)
    client.create_function(FunctionName="a-strangers", **FUNCTION)
    with recorder(account.engine.endpoint) as seen:
        yield seen
    for name in names():
        functions.remove(name)


def names():
    return sorted(
        item["FunctionName"] for item in boto3.client("lambda").list_functions()["Functions"]
    )


def shell(account, seen, **more):
    base = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LAMBDADECK_"))
    }
    return base | account.profile(endpoint=seen.address) | more


def terminal(root, account, seen, *arguments, **more):
    return Terminal(
        root / "scripts" / "teardown",
        "--aws",
        "--profile",
        "talk",
        *arguments,
        environment=shell(account, seen, **more),
    )


def ran(root, account, seen, *arguments, **more):
    """Without a terminal."""
    command = [
        sys.executable,
        root / "scripts" / "teardown",
        "--aws",
        "--profile",
        "talk",
        *arguments,
    ]
    return subprocess.run(
        command,
        env=shell(account, seen, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_it_lists_and_asks_before_it_removes_and_then_proves_that_nothing_is_left(
    root, account, seen
):
    with terminal(root, account, seen) as shown:
        said = shown.until(QUESTION)
        assert (
            "AWS account …4321, region eu-west-1, profile talk, at http" in said
            and "This cannot be undone" in said
        )
        assert "  function left-by-the-talk in eu-west-1\n" in said and "a-strangers" not in said
        assert names() == ["a-strangers", "left-by-the-talk"]
        shown.type(f"{ACCOUNT[-4:]}\n")
        assert shown.end() == 0
    assert (
        "removed: function left-by-the-talk in eu-west-1\n1 removed; nothing is left.\n"
        in shown.said
    )
    assert names() == ["a-strangers"] and ACCOUNT not in shown.said


def test_any_other_answer_removes_nothing(root, account, seen):
    with terminal(root, account, seen) as shown:
        shown.until(QUESTION)
        shown.type("yes\n")
        assert shown.end() == 1
    assert "nothing was removed" in shown.said and names() == ["a-strangers", "left-by-the-talk"]
    assert not [call for call in seen.calls if "Delete" in call or call.startswith("DELETE")]


def test_listing_asks_nothing_removes_nothing_and_says_by_its_code_whether_something_is_left(
    root, account, seen
):
    listed = ran(root, account, seen, "--list")
    assert (
        listed.returncode == 1
        and "  function left-by-the-talk in eu-west-1\n" in listed.stdout
        and listed.stderr == ""
    )
    functions.remove("left-by-the-talk")
    listed = ran(root, account, seen, "--list")
    assert listed.returncode == 0 and listed.stdout.endswith("\nnothing is left.\n")
    assert not [call for call in seen.calls if call.startswith("DELETE")]


def test_without_a_terminal_it_stops_unless_the_account_is_named(root, account, seen):
    stopped = ran(root, account, seen, "--yes", LAMBDADECK_ACCOUNT="111111111111")
    assert (
        stopped.returncode == 1
        and "LAMBDADECK_ACCOUNT" in stopped.stderr
        and "Traceback" not in stopped.stderr
    )
    assert names() == ["a-strangers", "left-by-the-talk"]


def test_with_the_account_named_it_needs_no_question(root, account, seen):
    done = ran(root, account, seen, "--yes", LAMBDADECK_ACCOUNT=ACCOUNT)
    assert (
        done.returncode == 0
        and done.stdout.endswith("1 removed; nothing is left.\n")
        and done.stderr == ""
    )
    assert ACCOUNT not in done.stdout and names() == ["a-strangers"]


def test_where_nothing_is_left_it_says_so_without_a_question(root, account, seen):
    functions.remove("left-by-the-talk")
    done = ran(root, account, seen)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.endswith(
        "\nnothing is left.\n"
    )


def test_unknown_credentials_end_in_a_sentence(root, account, seen):
    seen.answer = lambda call: (
        403,
        {"content-type": "text/xml"},
        b"<ErrorResponse><Error><Code>ExpiredToken</Code>"
        b"<Message>The security token included in the request is expired</Message></Error>"
        b"</ErrorResponse>",
    )
    done = ran(root, account, seen)
    assert (
        done.returncode == 1
        and done.stderr.startswith("Your AWS log-in has expired: ")
        and done.stderr.count("\n") == 1
    )


def test_help_and_a_mistyped_flag_need_nothing_installed(root, tmp_path):
    for argument, code in (("--help", 0), ("--awss", 2)):
        done = subprocess.run(
            [sys.executable, "-S", "-I", root / "scripts" / "teardown", argument],
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == code and "usage: scripts/teardown" in done.stdout + done.stderr


def test_a_profile_without_aws_is_a_mistake(capsys):
    with pytest.raises(SystemExit):
        main(["--profile", "talk"])
    assert "belong to --aws" in capsys.readouterr().err


@pytest.fixture(scope="module")
def talk(root):
    """Start a scripts/present, and return boto3's variables for its cloud."""
    with Presenting(root) as presenting:
        presenting.url()
        jupyter = {process.ppid() for process in presenting.named("jupyter_server")}
        yield next(one for one in sessions.talks() if one.pid in jupyter)


def inside(talk, service):
    given = talk.variables
    return boto3.Session(
        given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], region_name="eu-west-1"
    ).client(service, endpoint_url=given["AWS_ENDPOINT_URL"])


def test_the_cloud_of_a_running_talk_is_reset_whatever_the_shell_says_and_the_talk_goes_on(
    root, talk
):
    inside(talk, "lambda").create_function(FunctionName="rehearsed", **FUNCTION)
    inside(talk, "sqs").create_queue(QueueName="rehearsed")
    assert talk.folder == str(root)
    command = [sys.executable, root / "scripts" / "teardown", "--talk", str(talk.pid)]
    listed = subprocess.run([*command, "--list"], capture_output=True, text=True, timeout=60)
    assert (
        listed.returncode == 1
        and "  function rehearsed in eu-west-1\n  queue rehearsed in eu-west-1\n" in listed.stdout
    )
    elsewhere = {
        "AWS_PROFILE": "production",
        "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        command, env=os.environ | elsewhere, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.endswith(
        "2 removed; nothing is left.\n"
    )
    assert done.stdout.startswith(
        f"LOCAL: the embedded cloud of scripts/present, process {talk.pid}.\n"
    )
    assert talk.variables["AWS_SECRET_ACCESS_KEY"] not in listed.stdout + done.stdout + repr(talk)
    assert inside(talk, "lambda").list_functions()["Functions"] == []
    inside(talk, "lambda").create_function(
        FunctionName="rehearsed", **FUNCTION
    )  # and the talk begins


def test_the_talk_of_this_folder_is_meant_and_another_only_by_its_number():
    one, other = sessions.Session(11, {}, "/talks/one"), sessions.Session(12, {}, "/talks/other")
    assert (
        sessions.choose([one, other], folder="/talks/one") == one
        and sessions.choose([one, other], 12, "/talks/one") == other
    )
    with pytest.raises(
        aws.StoppedError,
        match=r"No talk of this folder runs, but others do: name one with --talk 12 "
        r"\(in /talks/other\).",
    ):
        sessions.choose([other], folder="/talks/one")


def test_the_talk_has_to_be_named_when_several_run_and_one_has_to_run():
    one, other = sessions.Session(11, {}, "/talks/one"), sessions.Session(12, {}, "/talks/one")
    numbers = r"--talk 11 \(in /talks/one\) or --talk 12 \(in /talks/one\)."
    with pytest.raises(
        aws.StoppedError, match=f"Several talks of this folder run: name one with {numbers}"
    ):
        sessions.choose([one, other], folder="/talks/one")
    with pytest.raises(aws.StoppedError, match=f"No talk 13 runs here: name one with {numbers}"):
        sessions.choose([one, other], 13)
    with pytest.raises(aws.StoppedError, match="No scripts/present runs"):
        sessions.choose([])


def test_other_users_and_other_programs_are_no_talks(monkeypatch):
    environ = {
        "LAMBDADECK_PRESENT": "x",
        "LAMBDADECK_START": "x",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }

    def process(user=None, command=("python", "-m", "jupyter_server"), environ=environ):
        return SimpleNamespace(
            uids=lambda: SimpleNamespace(real=os.getuid() if user is None else user),
            cmdline=lambda: list(command),
            environ=lambda: environ,
            ppid=lambda: 7,
            cwd=lambda: "/talks",
        )

    unlike = [
        process(user=os.getuid() + 1),
        process(command=("python", "-m", "ipykernel")),
        process(environ={}),
    ]
    monkeypatch.setattr("psutil.process_iter", lambda: iter([*unlike, process()]))
    assert [(talk.pid, talk.folder) for talk in sessions.talks()] == [(7, "/talks")]


def test_a_cell_resets_its_own_cloud(lambdas, monkeypatch):
    with pointed_at(lambdas.engine):
        monkeypatch.delenv("LAMBDADECK_CLOUD", raising=False)
        assert rounds.connected().everything and rounds.connected().regions == ("eu-west-1",)
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        with pytest.raises(aws.StoppedError, match="No cloud is connected"):
            rounds.connected()
