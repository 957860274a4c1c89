"""The options and `on:` of the lambda provider: defaults, kinds, refusals; no secret is shown."""

import pytest

from lambdadeck.deployment.travis import TravisFileError, options, parser

LEAST = (
    "deploy:\n  provider: lambda\n  access_key_id: $KEY\n  secret_access_key: $SECRET\n"
    "  function_name: f\n  role: arn:r\n  handler_name: go\n"
)
FACTS = {
    "KEY": "AKIAEXAMPLE",
    "SECRET": "hunter2hunter2",
    "TRAVIS_BUILD_NUMBER": "7",
    "ARN": "arn:of:a:role",
}


def settings(more="", facts=FACTS, least=LEAST):
    return options.settings(parser.read(least + more), facts)


def without(name):
    return "".join(
        line for line in LEAST.splitlines(keepends=True) if not line.startswith(f"  {name}:")
    )


def decided(on, branch="master"):
    text = "deploy:\n  provider: lambda\n" + (f"  on: {on}\n" if on else "")
    return options.decide(parser.read(text), branch)


def test_what_is_not_stated_has_the_providers_default():
    defaults = {name: made.value for name, made in settings().items() if made.origin == "default"}
    assert defaults == {
        "region": "us-east-1",
        "module_name": "index",
        "description": "Deploy build 7 to AWS Lambda via Travis CI",
        "timeout": 3,
        "memory_size": 128,
        "runtime": "nodejs12.x",
        "zip": ".",
    }


def test_an_option_is_read_as_its_kind():
    cases = [
        ("role: $ARN", "role", "arn:of:a:role"),
        ("role: ${ARN}/x", "role", "arn:of:a:role/x"),
        ("timeout: 20", "timeout", 20),
        ("memory_size: '1024'", "memory_size", 1024),
    ]
    wrong = []
    for written, name, value in cases:
        made = settings(f"  {written}\n", least=without(name))[name]
        line = 8 if name not in options.REQUIRED else 7
        if (made.value, made.origin) != (value, f"line {line}"):
            wrong.append((written, made))
    assert wrong == []


def test_keys_that_are_travis_cis_own_are_no_options():
    assert "skip_cleanup" not in settings("  skip_cleanup: true\n")
    assert "on" not in settings("  on: {branch: master}\n")


def test_what_is_wrong_is_named_with_its_line():
    cases = [
        ("functon: f", "functon is not an option of the lambda provider"),
        ("memory: 1", "memory is not an option of the lambda provider"),
        ("runtme: x", "Did you mean runtime?"),
        ("Timeout: 3", "Did you mean timeout?"),
        ("qqq: x", "Known are access_key_id"),
        ("timeout: soon", "timeout is 'soon'; it takes a whole number"),
        ("timeout: -1", "it takes a whole number"),
        ("timeout: [1]", "timeout takes one value, and here is a list"),
        ("region: {a: b}", "region takes one value, and here is a group"),
        ("region: {secure: abc}", "region takes one value, and here is a group"),
        ("region:", "region has no value"),
        ("region: $NOT_SET", "$NOT_SET is not set in the environment"),
    ]
    assert [case for case in cases if not refused(*case)] == []


def refused(written, words):
    with pytest.raises(TravisFileError, match=r"^Line 8: ") as error:
        settings(f"  {written}\n")
    return words in str(error.value)


def test_an_option_that_no_slide_uses_is_refused_by_its_name_and_line():
    unused = [
        *("environment", "environment_variables", "function_tags", "layers", "publish"),
        *("dot_match", "tracing_mode", "subnet_ids", "security_group_ids", "dead_letter_arn"),
        *("kms_key_arn", "run"),
    ]
    sentence = "{} is an option of the lambda provider that is not supported here: remove it."
    assert [name for name in unused if not refused(f"{name}: x", sentence.format(name))] == []


def test_a_required_option_that_is_missing_is_named_with_its_providers_line():
    wrong = []
    for name in options.REQUIRED:
        with pytest.raises(TravisFileError) as error:
            settings(least=without(name))
        if not str(error.value).startswith(f"Line 2: {name} is missing"):
            wrong.append((name, error.value))
    assert wrong == []


def test_no_secret_can_be_seen_in_what_is_shown():
    for least in (LEAST, LEAST.replace("arn:r", "$SECRET"), LEAST.replace("$SECRET", "hunter2")):
        made = settings("  description: by $SECRET\n", least=least)
        assert "hunter2" not in str([setting.shown for setting in made.values()]) + repr(made)


def test_a_key_written_into_the_file_is_not_shown():
    made = settings(least=LEAST.replace("$SECRET", "hunter2hunter2"))
    assert made["secret_access_key"].value == "hunter2hunter2"
    assert made["secret_access_key"].shown == "…"


def test_a_wrong_value_from_a_variable_is_refused_by_its_name():
    with pytest.raises(TravisFileError) as error:
        settings("  timeout: $SECRET\n")
    assert "$SECRET" in str(error.value) and "hunter2" not in str(error.value)


def test_a_build_deploys_if_its_branch_is_named():
    cases = [
        ("", "master", True),
        ("", "try", False),
        ("{branch: production}", "production", True),
        ("{branch: production}", "master", False),
        ("{branch: [master, develop]}", "develop", True),
        ("production", "production", True),
    ]
    assert [case for case in cases if decided(case[0], case[1])[0] is not case[2]] == []


def test_the_reason_says_what_was_wanted_and_where_it_is_written():
    deploys, because, origin = decided("{branch: [production, stage]}")
    assert not deploys and origin == "line 3"
    assert because == "this build's branch is master, and on: wants production or stage"


def test_a_condition_other_than_branch_is_refused_with_its_line():
    unsupported = "{0} is a condition of on: that is not supported here: remove it."
    cases = [
        ("{brnch: x}", "brnch is not a condition of on:. Did you mean branch?"),
        ("{jdk: 8}", "jdk is not a condition of on:. Known are branch"),
        ("{branch: }", "without its value"),
        ("{all_branches: true}", unsupported.format("all_branches")),
        ("{condition: $A = 1}", unsupported.format("condition")),
        ("{repo: owner/name}", unsupported.format("repo")),
        ("{tags: true}", unsupported.format("tags")),
    ]
    wrong = []
    for on, words in cases:
        with pytest.raises(TravisFileError, match=r"^Line 3: ") as error:
            decided(on)
        if words not in str(error.value):
            wrong.append((on, str(error.value)))
    assert wrong == []
