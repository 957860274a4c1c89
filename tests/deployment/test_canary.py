"""Calls through a weighted alias, on a real engine."""

import itertools

import pytest
from botocore.exceptions import ClientError

from lambdadeck import functions
from lambdadeck.deployment import canary

numbers = itertools.count(1)


@pytest.fixture
def name(lambdas, tmp_path):
    """Yield a function of its own, because each test moves its alias."""
    (tmp_path / "app.py").write_text(
        "import os\ndef handler(event, context):\n    return os.environ['GREETING']\n"
    )
    name = f"shifting-{next(numbers)}"
    functions.deploy(name, tmp_path, client=lambdas.client)
    return name


@pytest.fixture
def published(lambdas, name, monkeypatch):
    """(old, new) of that function, which has its code already."""
    real = functions.deploy
    monkeypatch.setattr(
        functions, "deploy", lambda name, **more: real(name, functions.FUNCTIONS / "greet", **more)
    )
    return canary.two_versions(name, client=lambdas.client)


def test_the_alias_starts_at_the_old_version(lambdas, name, published):
    assert published == ("1", "2")
    assert {one.version for one in canary.call(name, 5, client=lambdas.client)} == {"1"}


@pytest.mark.parametrize(("weight", "versions"), [(0.0, {"1"}), (1.0, {"2"})])
def test_a_weight_of_all_or_nothing_leaves_no_doubt(lambdas, name, published, weight, versions):
    lambdas.client.update_alias(
        FunctionName=name,
        Name="live",
        FunctionVersion="1",
        RoutingConfig=canary.routing("2", weight),
    )
    calls = canary.call(name, 10, client=lambdas.client)
    assert {one.version for one in calls} == versions and {one.weight for one in calls} == {weight}


def test_running_it_again_publishes_two_more_and_moves_the_alias(lambdas, name, published):
    assert canary.two_versions(name, weight=0.5, client=lambdas.client) == ("3", "4")
    alias = lambdas.client.get_alias(FunctionName=name, Name="live")
    assert (alias["FunctionVersion"], alias["RoutingConfig"]) == (
        "3",
        {"AdditionalVersionWeights": {"4": 0.5}},
    )


def test_no_call_at_all_is_refused(lambdas):
    with pytest.raises(ValueError, match="at least one call, not 0"):
        canary.call("greet", 0, client=lambdas.client)


def test_an_alias_that_is_not_there_is_awss_error(lambdas, name):
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        canary.call(name, 1, alias="nobody", client=lambdas.client)


def test_a_version_that_fails_stops_the_watch(lambdas, name, tmp_path):
    (tmp_path / "app.py").write_text(
        "def handler(event, context):\n    raise ValueError('broken')\n"
    )
    functions.deploy(name, tmp_path, client=lambdas.client)
    lambdas.client.create_alias(
        FunctionName=name,
        Name="live",
        FunctionVersion=lambdas.client.publish_version(FunctionName=name)["Version"],
    )
    with pytest.raises(RuntimeError, match=r"live failed: .*broken"):
        canary.call(name, 3, client=lambdas.client)
