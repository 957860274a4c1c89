"""scripts/present --aws looks up the account, asks, and starts nothing unless it is confirmed."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from lambdadeck.cloud import options
from tests.support.aws_account import ACCOUNT, aws_account, recorder
from tests.support.presenting import Presenting, post
from tests.support.terminal import CTRL_C, CTRL_D, Terminal

QUESTION = "Type the last four digits of the account to go on: "


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


@pytest.fixture
def seen(account):
    """Record what goes to that account."""
    with recorder(account.engine.endpoint) as seen:
        yield seen


def shell(account, seen, **more):
    """Return a user's shell: a profile, and variables with other keys, which it must override."""
    base = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LAMBDADECK_"))
    }
    keys = {
        "AWS_ACCESS_KEY_ID": "AKIASOMEBODYELSE0000",
        "AWS_SECRET_ACCESS_KEY": "not-of-this-account",
    }
    return base | keys | account.profile(endpoint=seen.address) | more


def presenting(root, account, seen, *arguments, **more):
    given = ["--aws", "--profile", "talk", "--no-browser", *arguments]
    return Terminal(root / "scripts" / "present", *given, environment=shell(account, seen, **more))


def test_the_account_is_shown_and_asked_for_before_anything_else_is_called(root, account, seen):
    with presenting(root, account, seen) as terminal:
        said = terminal.until(QUESTION)
        assert seen.calls == ["GetCallerIdentity"]
        terminal.type("no\n")
        assert terminal.end() == 1
    assert "AWS account …4321, region eu-west-1, profile talk" in said and "costs money" in said
    assert ACCOUNT not in terminal.said and "Traceback" not in terminal.said
    assert (
        "That does not confirm account …4321: nothing was made and nothing was started."
        in terminal.said
    )
    assert seen.calls == ["GetCallerIdentity"] and "Starting the deck" not in terminal.said


@pytest.mark.parametrize(
    "keys",
    [f"{ACCOUNT[:4]}\n", "yes\n", "\n", CTRL_D, CTRL_C],
    ids=["another account", "yes by reflex", "nothing", "end of file", "Ctrl-C"],
)
def test_anything_but_the_four_digits_starts_nothing(root, account, seen, keys):
    with presenting(root, account, seen) as terminal:
        terminal.until(QUESTION)
        terminal.type(keys)
        assert terminal.end() == 1
    assert "nothing was started" in terminal.said and "Traceback" not in terminal.said
    assert seen.calls == ["GetCallerIdentity"]


def test_the_four_digits_start_the_talk_on_that_account_without_an_engine(root, account, seen):
    with presenting(root, account, seen, "--region", "eu-central-1") as terminal:
        terminal.until(QUESTION)
        terminal.type(f"{ACCOUNT[-4:]}\n")
        url = re.search(r"http://127\.0\.0\.1:\d+/\S+", terminal.until("Ctrl-C ends everything."))[
            0
        ]
        assert "CreateRole" in seen.calls  # while nobody waits for it
        kernel = json.loads(post(url, "api/kernels", {"name": "python3"}))["id"]
        variables = environment_of(kernel)
        assert not [
            line for line in processes(terminal.process.pid) if "lambdadeck.engine.server" in line
        ]
        terminal.type(CTRL_C)
        assert terminal.end() == 0
    assert {name: variables.get(name) for name in EXPECTED} == EXPECTED
    assert variables["HOME"] == str(account.home) and "AWS_ACCESS_KEY_ID" not in variables
    assert ACCOUNT not in terminal.said


EXPECTED = {
    "LAMBDADECK_CLOUD": "aws",
    "LAMBDADECK_ACCOUNT": ACCOUNT,
    "AWS_PROFILE": "talk",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "AWS_CONFIG_FILE": None,
    "AWS_ENDPOINT_URL": None,
    "LAMBDADECK_START": None,
}


def environment_of(kernel):
    import psutil

    for process in psutil.process_iter():
        try:
            if any(kernel in word for word in process.cmdline()):
                return process.environ()
        except psutil.Error:
            continue
    raise AssertionError("the kernel is not there")


def processes(pid):
    import psutil

    return [" ".join(process.cmdline()) for process in psutil.Process(pid).children(recursive=True)]


# --- no terminal ----------------------------------------------------------------------------------


def test_without_a_terminal_and_without_an_account_it_stops_with_a_sentence(root, account, seen):
    with Presenting(
        root, "--aws", "--profile", "talk", environment=shell(account, seen)
    ) as presenting:
        assert presenting.wait() == 1
    assert presenting.everything.startswith(
        "AWS was asked for, and there is no terminal to ask you in: set LAMBDADECK_ACCOUNT"
    )
    assert "…4321" in presenting.everything and ACCOUNT not in presenting.everything
    assert seen.calls == ["GetCallerIdentity"]


def test_without_a_terminal_another_account_stops_it(root, account, seen):
    given = shell(account, seen, LAMBDADECK_ACCOUNT="111122223333")
    with Presenting(root, "--aws", "--profile", "talk", environment=given) as presenting:
        assert presenting.wait() == 1
    assert (
        "LAMBDADECK_ACCOUNT is …3333, and the credentials found are of AWS account …4321"
        in presenting.everything
    )
    assert seen.calls == ["GetCallerIdentity"]


def test_without_a_terminal_the_right_account_is_enough(root, account, seen):
    given = shell(
        account, seen, LAMBDADECK_ACCOUNT=ACCOUNT, LAMBDADECK_CLOUD="aws", AWS_PROFILE="talk"
    )
    given = {
        name: value
        for name, value in given.items()
        if not name.startswith(("AWS_ACCESS", "AWS_SECRET"))
    }
    with Presenting(
        root, "--no-browser", environment=given | {"AWS_ACCESS_KEY_ID": ""}
    ) as presenting:
        presenting.url()
        assert not presenting.named("lambdadeck.engine.server")
        assert presenting.end(signal.SIGINT) == 0
        assert presenting.gone(0) == []


def test_a_region_without_prices_is_told_before_the_talk():
    assert options._unpriced("eu-west-1") == ""
    assert "prices in eu-south-2 are not in the tables here" in options._unpriced("eu-south-2")


# --- mistakes -------------------------------------------------------------------------------------


def refused(root, arguments, environment):
    done = subprocess.run(
        [sys.executable, root / "scripts" / "present", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        (["--profile", "talk"], {}, "--profile and --region belong to --aws"),
        (["--region", "eu-west-1"], {}, "--profile and --region belong to --aws"),
        (
            [],
            {"LAMBDADECK_CLOUD": "nonsense"},
            "LAMBDADECK_CLOUD is 'nonsense', and there are only two clouds",
        ),
        (["--aws", "--profile", "nobody"], {}, "no profile 'nobody'"),
        (
            ["--aws", "--profile", "talk", "--region", "eu-wset-1"],
            {},
            "'eu-wset-1' is not a region of AWS Lambda that boto3 knows: did you mean eu-west-1?",
        ),
        (["--aws"], {}, "AWS was asked for without a region"),
    ],
)
def test_what_does_not_fit_together_is_a_sentence_and_nothing_is_called(
    root, account, seen, arguments, variables, words
):
    assert words in refused(root, arguments, shell(account, seen, **variables))
    assert seen.calls == []


def test_keys_that_aws_does_not_take_are_a_sentence(root, account):
    with recorder() as nobody:
        keys = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": nobody.address}
        assert "AWS does not take these credentials" in refused(
            root, ["--aws"], shell(account, nobody, **keys)
        )
        assert nobody.calls == ["GetCallerIdentity"]
