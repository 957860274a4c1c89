"""Which builds deploy: every condition under `on:`, against the facts of a build."""

import pytest

from lambdadeck.deployment.travis import parser
from lambdadeck.deployment.travis.conditions import Build, decide
from lambdadeck.deployment.travis.parser import BadTravisFile


def decided(on, build=Build(), **environment):
    text = "deploy:\n  provider: lambda\n" + (f"  on: {on}\n" if on else "")
    (block,) = parser.read(text)
    return decide(block, build, environment)


@pytest.mark.parametrize(
    ("on", "build", "deploys"),
    [
        ("", Build("master"), True),
        ("", Build("try"), False),
        ("{branch: production}", Build("production"), True),
        ("{branch: production}", Build("master"), False),
        ("{branch: [master, develop]}", Build("develop"), True),
        ("production", Build("production"), True),
        ("{all_branches: true}", Build("try"), True),
        ("{all_branches: false}", Build("try"), False),
        ("{repo: owner/name}", Build(repo="owner/name"), True),
        ("{repo: owner/name}", Build(repo="fork/name"), False),
        ("{repo: owner/name}", Build(), False),
        ("{tags: true}", Build(tag="v1"), True),
        ("{tags: true}", Build("master"), False),
        ("{tags: false}", Build("master"), True),
        ("{tags: false, all_branches: true}", Build(tag="v1"), False),
        ("{branch: master}", Build(tag="v1"), False),
        ("{all_branches: true}", Build(pull_request=True), False),
    ],
)
def test_a_build_deploys_where_its_conditions_hold(on, build, deploys):
    assert decided(on, build).deploys is deploys


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("$CC = gcc", True),
        ("$CC == clang", False),
        ("$CC != clang", True),
        ("${CC} = g*", True),
        ("$CC = 'g*'", False),
        ("-n $CC", True),
        ("-z $CC", False),
        ("-z $NOT_SET", True),
        ("! -z $CC", True),
        ("true", True),
        ("$NOT_SET", False),
        ("$TRAVIS_BRANCH =~ ^(master|develop)$", True),
        ("$TRAVIS_BRANCH =~ ^v[0-9]+", False),
        ("$CC = gcc && $TRAVIS_BRANCH = master", True),
        ("$CC = clang && $TRAVIS_BRANCH = master", False),
        ("$CC = clang || $TRAVIS_PULL_REQUEST = false", True),
        ('"$CC" = "gcc"', True),
    ],
)
def test_a_condition_is_compared_as_bash_compares(condition, holds):
    assert decided("{condition: '%s'}" % condition.replace("'", "''"), CC="gcc").deploys is holds


def test_several_conditions_must_all_hold():
    assert decided("{condition: [$A = 1, $B = 2]}", A="1", B="2").deploys
    assert not decided("{condition: [$A = 1, $B = 2]}", A="1", B="3").deploys


def test_the_reason_says_what_was_wanted_and_where_it_is_written():
    decision = decided("{branch: [production, stage]}")
    assert decision.because == "this build's branch is master, and on: wants production or stage"
    assert decision.origin == "line 3"


def test_a_reason_never_has_a_variables_value():
    assert "hunter2" not in decided("{condition: '$PASSWORD = other'}", PASSWORD="hunter2").because


@pytest.mark.parametrize(
    ("on", "words"),
    [
        ("{brnch: x}", "brnch is not a condition of on:. Did you mean branch?"),
        ("{jdk: 8}", "Known are all_branches, branch, condition, repo, tags"),
        ("{tags: maybe}", "tags is 'maybe'; it takes true or false"),
        ("{branch: }", "without its value"),
        ("{condition: '$(whoami) = root'}", "is not evaluated here"),
        ("{condition: '$A =~ ('}", "is no regular expression"),
        ("{condition: '$A -gt 3'}", "is not evaluated here"),
    ],
)
def test_a_condition_that_cannot_be_evaluated_is_refused_with_its_line(on, words):
    with pytest.raises(BadTravisFile, match="^Line 3: ") as refused:
        decided(on, A="1")
    assert words in str(refused.value)
