"""Every option of the lambda provider: its default, its kind, what is refused, and that no secret can be seen."""

import pytest

from lambdadeck.deployment.travis import options, parser
from lambdadeck.deployment.travis.parser import BadTravisFile

LEAST = "deploy:\n  provider: lambda\n  access_key_id: $KEY\n  secret_access_key: $SECRET\n  function_name: f\n"
FACTS = {
    "KEY": "AKIAEXAMPLE",
    "SECRET": "hunter2hunter2",
    "TRAVIS_BUILD_NUMBER": "7",
    "ARN": "arn:of:a:role",
}


def settings(more="", facts=FACTS, least=LEAST):
    (block,) = parser.read(least + more)
    return options.settings(block, facts)


def test_what_is_not_stated_has_the_providers_default():
    defaults = {name: made.value for name, made in settings().items() if made.origin == "default"}
    assert defaults == {
        "region": "us-east-1",
        "module_name": "index",
        "description": "Deploy build 7 to AWS Lambda via Travis CI",
        "timeout": 3,
        "memory_size": 128,
        "runtime": "nodejs12.x",
        "tracing_mode": "PassThrough",
        "publish": False,
        "zip": ".",
        "dot_match": False,
    }


@pytest.mark.parametrize(
    ("written", "name", "value"),
    [
        ("role: $ARN", "role", "arn:of:a:role"),
        ("role: ${ARN}/x", "role", "arn:of:a:role/x"),
        ("timeout: 20", "timeout", 20),
        ("memory_size: '1024'", "memory_size", 1024),
        ("publish: true", "publish", True),
        ("dot_match: yes", "dot_match", True),
        ("tracing_mode: Active", "tracing_mode", "Active"),
        ("layers: [a, b]", "layers", ["a", "b"]),
        ("layers: a", "layers", ["a"]),
        ("subnet_ids: [subnet-1]", "subnet_ids", ["subnet-1"]),
        ("security_group_ids: [sg-1]", "security_group_ids", ["sg-1"]),
        ("environment: [A=1, B=x=y]", "environment", {"A": "1", "B": "x=y"}),
        ("environment_variables: A=$SECRET", "environment", {"A": "hunter2hunter2"}),
        ("function_tags: [team=bricks]", "function_tags", {"team": "bricks"}),
        ("dead_letter_arn: arn:q", "dead_letter_arn", "arn:q"),
        ("kms_key_arn: arn:k", "kms_key_arn", "arn:k"),
    ],
)
def test_an_option_is_read_as_its_kind(written, name, value):
    assert settings(f"  {written}\n")[name].value == value
    assert settings(f"  {written}\n")[name].origin == "line 6"


@pytest.mark.parametrize("key", sorted(options.TRAVIS_OWN - {"provider"}))
def test_keys_that_are_travis_cis_own_are_no_options(key):
    assert key not in settings(f"  {key}: true\n")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("functon: f", "functon is not an option of the lambda provider"),
        ("memory: 1", "memory is not an option of the lambda provider"),
        ("runtme: x", "Did you mean runtime?"),
        ("Timeout: 3", "Did you mean timeout?"),
        ("qqq: x", "Known are access_key_id"),
        ("timeout: soon", "timeout is 'soon'; it takes a whole number"),
        ("timeout: -1", "it takes a whole number"),
        ("timeout: [1]", "timeout takes one value, and here is a list"),
        ("role: {a: b}", "role takes one value, and here is a group"),
        ("role:", "role has no value"),
        ("publish: maybe", "publish is 'maybe'; it takes true or"),
        ("tracing_mode: Off", "tracing_mode is 'Off'; it takes Active or PassThrough"),
        ("module_name: app", "module_name needs handler_name beside it"),
        ("role: $NOT_SET", "$NOT_SET is not set in the environment"),
        ("environment: [A]", "environment takes NAME=value"),
        ("environment: [A=]", "'A' has no value"),
        ("environment: []", "takes a list of plain values"),
        ("environment: {A: b}", "takes a list of plain values"),
        ("role: {secure: abc}", "role is encrypted for Travis CI, which alone can read it"),
        ("environment: [{secure: abc}]", "environment is encrypted for Travis CI"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(written, words):
    with pytest.raises(BadTravisFile, match="^Line 6: ") as refused:
        settings(f"  {written}\n")
    assert words in str(refused.value)


@pytest.mark.parametrize("name", options.REQUIRED)
def test_a_required_option_that_is_missing_is_named_with_its_providers_line(name):
    least = "".join(
        line for line in LEAST.splitlines(keepends=True) if not line.startswith(f"  {name}:")
    )
    with pytest.raises(BadTravisFile, match=f"^Line 2: {name} is missing"):
        settings(least=least)


def test_an_option_and_its_alias_are_not_both_taken():
    with pytest.raises(
        BadTravisFile,
        match="^Line 7: environment_variables is environment by another name, which line 6 has",
    ):
        settings("  environment: [A=1]\n  environment_variables: [B=2]\n")


@pytest.mark.parametrize(
    "more",
    [
        "  role: $SECRET\n",
        "  description: by $SECRET\n",
        "  environment: [PASSWORD=$SECRET]\n",
        "  environment: [P=hunter2hunter2]\n",
        "  function_tags: [owner=hunter2hunter2]\n",
        "  layers: [$SECRET]\n",
        "  environment: ['URL=https://u:hunter2hunter2@h/$ARN']\n",
    ],
)
def test_no_secret_can_be_seen_in_what_is_shown(more):
    made = settings(more)
    assert "hunter2" not in str([setting.shown for setting in made.values()]) + repr(made) + str(
        made
    )


def test_a_key_written_into_the_file_is_not_shown():
    made = settings(least=LEAST.replace("$SECRET", "hunter2hunter2"))
    assert (
        made["secret_access_key"].value == "hunter2hunter2"
        and "hunter2" not in made["secret_access_key"].shown
    )
    assert ("…", "hunter2hunter2") in made["secret_access_key"].secrets


def test_a_wrong_value_from_a_variable_is_refused_by_its_name():
    with pytest.raises(BadTravisFile) as refused:
        settings("  timeout: $SECRET\n")
    assert "$SECRET" in str(refused.value) and "hunter2" not in str(refused.value)
