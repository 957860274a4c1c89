"""scripts/fidelity --aws, against an engine that plays AWS."""

import json
import os
import subprocess
import sys

import pytest

from benchmarks import fidelity
from lambdadeck.shared.paths import ROOT
from tests.support.aws_account import ACCOUNT, aws_account


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    with aws_account(tmp_path_factory.mktemp("home")) as account:
        yield account


def ran(account, *arguments, confirmed=ACCOUNT):
    base = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LAMBDADECK_"))
    }
    given = base | account.profile() | {"AWS_PROFILE": "talk", "LAMBDADECK_ACCOUNT": confirmed}
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.fidelity", "--aws", *arguments],
        env=given,
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )


def test_the_same_cases_are_compared_recorded_and_removed(account):
    done = ran(account, "tags", "test_duplicate_event_source_mappings", "--show")
    assert "streams" in done.stdout and "tags" in done.stdout, done.stdout + done.stderr
    answers = json.loads((ROOT / fidelity.RENEWED).read_text())
    recorded = json.loads(fidelity.ANSWERS.read_text())
    changed = {name for name, found in answers.items() if found != recorded[name]}
    assert answers and not changed, done.stdout
    assert ACCOUNT not in json.dumps(answers)
    assert "cost" in done.stdout and done.returncode == 0
    assert "nothing is left" in done.stdout


def test_a_limit_stops_it_and_another_account_is_not_touched(account):
    done = ran(account, "tags", "--limit-usd", "-1")
    assert "Stopped: the invocations have cost" in done.stdout, done.stdout + done.stderr
    other = ran(account, "tags", confirmed="123456789012")
    assert other.returncode == 2 and "Traceback" not in other.stderr
