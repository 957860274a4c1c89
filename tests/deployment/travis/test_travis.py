"""A .travis.yml end to end, on a real engine: planned, refused, deployed, updated."""

import datetime as dt
import io
import itertools
import re
import uuid
import zipfile

import pytest

from lambdadeck import functions
from lambdadeck.deployment import travis
from lambdadeck.deployment.travis import TravisFileError

names = (f"travis-{number}" for number in itertools.count(1))
SOURCE = "def handler(event, context):\n    return 'none'\n"


@pytest.fixture
def keys(lambdas):
    """Return the engine's own keys, as a build's environment has them."""
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
    return [row[0] for row in deployment.rows]


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
    wanted = pipeline(code, yml(name, "timeout: 7", "description: by $GREETING"))
    created = wanted.deploy(environment=keys, client=lambdas.client)
    assert (
        operations(created) == ["get_function", "create_function", "wait function_active_v2"]
        and created.error is None
    )
    assert lambdas.call(name).payload == "none"
    described = lambdas.client.get_function_configuration(FunctionName=name)["Description"]
    assert described == f"by {keys['GREETING']}"
    (code / "code" / "index.py").write_text("def handler(event, context):\n    return 'changed'\n")
    changed = wanted.replace("timeout: 7", "timeout: 9")
    updated = changed.deploy(environment=keys, client=lambdas.client)
    assert updated.error is None and operations(updated)[1::2] == [
        "update_function_configuration",
        "update_function_code",
    ]
    found = lambdas.client.get_function_configuration(FunctionName=name)
    assert (found["Timeout"], lambdas.call(name).payload) == (9, "changed")


def test_planning_changes_nothing(lambdas, keys, code):
    name = next(names)
    plan = pipeline(code, yml(name)).plan(environment=keys, client=lambdas.client)
    assert [call.operation for call in plan.calls][:2] == ["get_function", "create_function"]
    with pytest.raises(lambdas.client.exceptions.ResourceNotFoundException):
        lambdas.client.get_function(FunctionName=name)


def test_a_build_that_does_not_meet_its_conditions_calls_nothing(lambdas, keys, code):
    wanted = pipeline(code, yml(next(names)))
    deployment = wanted.deploy("try", keys, lambdas.client)
    assert operations(deployment) == ["none"] and deployment.error is None
    with pytest.raises(lambdas.client.exceptions.ResourceNotFoundException):
        lambdas.client.get_function(FunctionName=wanted.provider.fields["function_name"].text)
    assert "not deployed, this build's branch is try, and on: wants master" in str(deployment)


def test_no_secret_is_in_anything_that_can_be_printed(lambdas, keys, code):
    file = yml(next(names), "description: by $GREETING and $PAD").replace("python3.13", "$GREETING")
    wanted, facts = pipeline(code, file), keys | {"PAD": "very-secret-" * 40}
    plan, deployment = (
        make(environment=facts, client=lambdas.client) for make in (wanted.plan, wanted.deploy)
    )
    assert "$GREETING" in deployment.error  # AWS repeats the value
    shown = "".join(
        [
            repr(plan),
            plan._repr_html_(),
            repr(plan.calls),
            repr(deployment),
            deployment._repr_html_(),
            repr(wanted),
            repr(wanted.provider),
        ]
    )
    assert [name for name, secret in facts.items() if secret[:8] in shown] == []
    assert "$GREETING and $PAD" in shown and "$AWS_SECRET_ACCESS_KEY" in shown


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
        Exception, match=r"403|Unrecognized|UnrecognizedClient|InvalidSignature|security token"
    ):
        pipeline(code, yml(next(names))).plan(
            environment={"AWS_ACCESS_KEY_ID": "AKIAWRONG", "AWS_SECRET_ACCESS_KEY": "wrong"}
        )


def test_replacing_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"There is no 'nodejs5' in this \.travis\.yml"):
        travis.read(travis.OF_2017).replace("nodejs5", "x")


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path):
    (tmp_path / ".travis.yml").write_bytes("deploy:\n  provider: é\n".encode("latin-1"))
    with pytest.raises(
        TravisFileError, match=r"^Line 2: character .* is not allowed in YAML: write UTF-8"
    ):
        travis.read(tmp_path / ".travis.yml")


def test_paths_begin_beside_the_file(lambdas, keys, code):
    (code / ".travis.yml").write_text("deploy:\n" + yml(next(names)))
    assert (
        travis.read(code / ".travis.yml").deploy(environment=keys, client=lambdas.client).error
        is None
    )


def test_nothing_to_zip_is_named_with_its_line(lambdas, keys, code):
    (code / "empty").mkdir()
    (code / "empty" / ".env").write_text("x")
    for folder in ("gone", "empty", "code/index.py"):
        wanted = pipeline(code, yml(next(names))).replace("zip: code", f"zip: {folder}")
        with pytest.raises(TravisFileError, match=rf"^Line 10: zip is '{folder}': name a folder"):
            wanted.plan(environment=keys, client=lambdas.client)


def test_a_folder_is_zipped_without_its_hidden_files_to_the_same_bytes(lambdas, keys, code):
    (code / "code" / "lib").mkdir()
    for file in ("lib/a.js", ".env", "lib/.hidden"):
        (code / "code" / file).write_text("x")
    wanted = pipeline(code, yml(next(names)))
    first, again = (wanted.plan(environment=keys, client=lambdas.client) for _ in range(2))
    sent = first.calls[1].sent["Code"]["ZipFile"]
    with zipfile.ZipFile(io.BytesIO(sent)) as archive:
        assert sorted(archive.namelist()) == ["index.py", "lib/a.js"]
    assert "code: 2 files, " in str(first)
    assert sent == again.calls[1].sent["Code"]["ZipFile"]


def test_the_newest_runtime_is_one_that_aws_supports_that_day():
    cases = [
        ("nodejs4.3", "2026-11-23", "nodejs24.x"),
        ("nodejs24.x", "2026-11-23", "nodejs24.x"),
        ("python2.7", "2026-11-23", "python3.14"),
        ("nodejs4.3", "2028-04-29", "nodejs24.x"),
    ]
    wrong = [
        (runtime, day)
        for runtime, day, found in cases
        if travis.newest(runtime, today=dt.date.fromisoformat(day)) != found
    ]
    assert wrong == []


def test_a_language_without_a_supported_runtime_is_refused():
    words = "No runtime of Go is known to be supported on 2026-11-23, so none can replace go1.x"
    with pytest.raises(ValueError, match=re.escape(words)):
        travis.newest("go1.x", today=dt.date(2026, 11, 23))
