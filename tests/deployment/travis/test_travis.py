"""A .travis.yml end to end, on a real engine: planned, refused, deployed, updated; several providers, secrets kept."""

import datetime as dt
import itertools
import uuid

import pytest

from lambdadeck import functions
from lambdadeck.deployment import travis
from lambdadeck.deployment.travis import BadTravisFile, Build
from tests.support.lambdas import zipped

names = (f"travis-{number}" for number in itertools.count(1))
SOURCE = "import os\ndef handler(event, context):\n    return os.environ.get('GREETING', 'none')\n"


@pytest.fixture
def keys(lambdas):
    """The engine's own keys, as a build's environment has them."""
    deck = lambdas.engine.settings.deck
    return {
        "AWS_ACCESS_KEY_ID": deck.access_key,
        "AWS_SECRET_ACCESS_KEY": deck.secret_key,
        "GREETING": f"secret-{uuid.uuid4()}",
    }


@pytest.fixture
def code(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "index.py").write_text(SOURCE)
    return tmp_path


def yml(name, *more, provider="lambda"):
    lines = [
        f"provider: {provider}",
        f"function_name: {name}",
        "access_key_id: $AWS_ACCESS_KEY_ID",
        "secret_access_key: $AWS_SECRET_ACCESS_KEY",
        "region: eu-west-1",
        "role: arn:aws:iam::123456789012:role/r",
        "runtime: python3.13",
        "handler_name: handler",
        "zip: code",
        *more,
    ]
    return "  - " + "\n    ".join(lines) + "\n"


def pipeline(root, *blocks):
    return travis.read("deploy:\n" + "".join(blocks), root)


def operations(deployment):
    return [one.operation for one in deployment.made]


def test_the_file_of_2017_is_refused_by_aws_as_it_was_and_deploys_with_todays_runtime(
    lambdas, keys
):
    old = travis.read(travis.OF_2017)
    functions.remove(
        "bricklane-archive-firehose-prod", client=lambdas.client
    )  # another test may have left it
    refused = old.deploy(environment=keys, client=lambdas.client)
    assert operations(refused) == ["get_function", "create_function"]
    assert refused.error.startswith(
        "InvalidParameterValueException: The runtime parameter of nodejs4.3 is no longer supported"
    )
    today = old.replace("nodejs4.3", travis.newest("nodejs4.3"))
    assert today.deploy(environment=keys, client=lambdas.client).error is None
    running = lambdas.client.get_function_configuration(
        FunctionName="bricklane-archive-firehose-prod"
    )
    differing = [
        row[0]
        for row in old.plan(environment=keys, client=lambdas.client).beside(running).rows
        if row[2] != "same"
    ]
    assert differing == ["Runtime"]


def test_the_same_file_creates_and_then_updates(lambdas, keys, code):
    name = next(names)
    wanted = pipeline(
        code,
        yml(
            name, "timeout: 7", "environment: [GREETING=$GREETING]", "function_tags: [team=bricks]"
        ),
    )
    created = wanted.deploy(environment=keys, client=lambdas.client)
    assert (
        operations(created) == ["get_function", "create_function", "wait function_active_v2"]
        and created.error is None
    )
    assert lambdas.call(name).payload == keys["GREETING"]
    (code / "code" / "index.py").write_text("def handler(event, context):\n    return 'changed'\n")
    updated = (
        wanted.replace("timeout: 7", "timeout: 9")
        .replace("=bricks", "=lane")
        .deploy(environment=keys, client=lambdas.client)
    )
    assert updated.error is None and operations(updated)[1::2] == [
        "update_function_configuration",
        "tag_resource",
        "update_function_code",
    ]
    found = lambdas.client.get_function(FunctionName=name)
    assert (
        found["Configuration"]["Timeout"],
        found["Tags"]["team"],
        lambdas.call(name).payload,
    ) == (9, "lane", "changed")


def test_publish_makes_a_version_when_updating(lambdas, keys, code):
    wanted = pipeline(code, yml(name := next(names), "publish: true"))
    wanted.deploy(environment=keys, client=lambdas.client)
    assert wanted.deploy(environment=keys, client=lambdas.client).error is None
    versions = lambdas.client.list_versions_by_function(FunctionName=name)["Versions"]
    assert [one["Version"] for one in versions] == ["$LATEST", "1"]


def test_an_archive_is_deployed_as_it_is(lambdas, keys, tmp_path):
    (tmp_path / "code").write_bytes(zipped({"index.py": SOURCE}))
    wanted = pipeline(tmp_path, yml(name := next(names)))
    assert (
        wanted.deploy(environment=keys, client=lambdas.client).error is None
        and lambdas.call(name).payload == "none"
    )


def test_planning_changes_nothing(lambdas, keys, code):
    name = next(names)
    plan = pipeline(code, yml(name)).plan(environment=keys, client=lambdas.client)
    assert [call.operation for call in plan.steps[0].calls][:2] == [
        "get_function",
        "create_function",
    ]
    with pytest.raises(lambdas.client.exceptions.ResourceNotFoundException):
        lambdas.client.get_function(FunctionName=name)


def test_several_providers_are_carried_out_in_order_and_others_skipped_with_a_line(
    lambdas, keys, code
):
    first, second = next(names), next(names)
    wanted = pipeline(code, yml(first), "  - provider: s3\n    bucket: b\n", yml(second))
    deployment = wanted.deploy(environment=keys, client=lambdas.client)
    assert list(dict.fromkeys(one.function for one in deployment.made)) == [
        f"lambda {first}",
        f"lambda {second}",
    ]
    assert "s3: not deployed, only lambda is carried out, not s3" in str(deployment)
    rows = wanted.plan(environment=keys, client=lambdas.client).rows()
    assert ("s3", "skipped", "only lambda is carried out, not s3", "line 11") in rows


def test_after_a_failure_nothing_more_is_called(lambdas, keys, code):
    wanted = pipeline(
        code, yml(next(names)).replace("python3.13", "python2.7"), yml(second := next(names))
    )
    deployment = wanted.deploy(environment=keys, client=lambdas.client)
    assert "python2.7" in deployment.error and not any(
        second in one.function for one in deployment.made
    )


def test_a_build_that_does_not_meet_its_conditions_calls_nothing(lambdas, keys, code):
    wanted = pipeline(code, yml(next(names)))
    deployment = wanted.deploy(Build("try"), keys, lambdas.client)
    assert deployment.made == () and deployment.error is None
    assert "not deployed, this build's branch is try, and on: wants master" in str(deployment)


def test_a_function_without_role_is_updated_but_not_created(lambdas, keys, code):
    name = next(names)
    bare = yml(name).replace("    role: arn:aws:iam::123456789012:role/r\n", "")
    with pytest.raises(
        BadTravisFile, match="^Line 2: role is missing, and the function is not there yet"
    ):
        pipeline(code, bare).deploy(environment=keys, client=lambdas.client)
    pipeline(code, yml(name)).deploy(environment=keys, client=lambdas.client)
    assert pipeline(code, bare).deploy(environment=keys, client=lambdas.client).error is None


def test_no_secret_is_in_anything_that_can_be_printed(lambdas, keys, code):
    too_much = "very-secret-" * 400
    wanted = pipeline(code, yml(next(names), "environment: [GREETING=$GREETING, PAD=$PAD]"))
    facts = keys | {"PAD": too_much}
    plan, deployment = (
        make(environment=facts, client=lambdas.client) for make in (wanted.plan, wanted.deploy)
    )
    assert (
        deployment.error is not None and "4KB" in deployment.error
    )  # AWS's error repeats the variables
    shown = "".join(
        [
            repr(plan),
            plan._repr_html_(),
            repr(plan.steps),
            repr(deployment),
            deployment._repr_html_(),
            repr(wanted),
            repr(deployment.made),
            repr(wanted.blocks),
        ]
    )
    assert [name for name, secret in facts.items() if secret[:8] in shown] == []
    assert "GREETING=$GREETING" in shown and "$AWS_SECRET_ACCESS_KEY" in shown


def test_the_client_has_the_keys_and_the_region_of_the_file(keys, code, monkeypatch, lambdas):
    monkeypatch.setenv("AWS_ENDPOINT_URL", lambdas.engine.endpoint)
    wanted = pipeline(code, yml(name := next(names)).replace("eu-west-1", "us-west-2"))
    assert wanted.deploy(environment=keys).error is None
    assert lambdas.client.list_functions()["Functions"] is not None
    with pytest.raises(lambdas.client.exceptions.ResourceNotFoundException):
        lambdas.client.get_function(FunctionName=name)


def test_wrong_keys_end_as_an_error_of_aws(code, monkeypatch, lambdas):
    monkeypatch.setenv("AWS_ENDPOINT_URL", lambdas.engine.endpoint)
    with pytest.raises(
        Exception, match="403|Unrecognized|UnrecognizedClient|InvalidSignature|security token"
    ):
        pipeline(code, yml(next(names))).plan(
            environment={"AWS_ACCESS_KEY_ID": "AKIAWRONG", "AWS_SECRET_ACCESS_KEY": "wrong"}
        )


def test_replacing_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match="There is no 'nodejs5' in this .travis.yml"):
        travis.read(travis.OF_2017).replace("nodejs5", "x")


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path):
    (tmp_path / ".travis.yml").write_bytes("deploy:\n  provider: é\n".encode("latin-1"))
    with pytest.raises(BadTravisFile, match="^Line 2: these bytes are no UTF-8"):
        travis.read(tmp_path / ".travis.yml")


def test_paths_begin_beside_the_file(lambdas, keys, code):
    (code / ".travis.yml").write_text("deploy:\n" + yml(next(names)))
    assert (
        travis.read(code / ".travis.yml").deploy(environment=keys, client=lambdas.client).error
        is None
    )


@pytest.mark.parametrize(
    ("runtime", "day", "found"),
    [
        ("nodejs4.3", "2026-11-23", "nodejs24.x"),
        ("nodejs24.x", "2026-11-23", "nodejs24.x"),
        ("python2.7", "2026-11-23", "python3.14"),
        ("nodejs4.3", "2028-04-29", "nodejs24.x"),
    ],
)
def test_the_newest_runtime_is_one_that_aws_supports_that_day(runtime, day, found):
    assert travis.newest(runtime, today=dt.date.fromisoformat(day)) == found


def test_a_language_without_a_supported_runtime_is_refused():
    with pytest.raises(
        ValueError,
        match="No runtime of Go is known to be supported on 2026-11-23, so none can replace go1.x",
    ):
        travis.newest("go1.x", today=dt.date(2026, 11, 23))
