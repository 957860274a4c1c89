"""When Travis CI deploys: the conditions under `on:`, against the facts of a build."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lambdadeck.deployment.travis.parser import BadTravisFile, Block, Value, known, one_of

CONDITIONS = (
    "all_branches",
    "branch",
    "condition",
    "repo",
    "tags",
)  # docs.travis-ci.com, "Conditional Deployments"
_NAME = r"\$\{?(\w+)\}?"
_TERM = re.compile(
    r"(?P<not>!\s*)?(?:(?P<test>-[nz])\s+(?P<only>\S+)|(?P<left>[^\s()<>]+)\s+(?P<sign>==|=~|!=|=)\s+(?P<right>.+)|(?P<word>[^\s()<>]+))"
)


@dataclass(frozen=True)
class Build:
    """What is known of a build: branch, repository (owner/name), tag ("" if none), number, whether it is a pull request."""

    branch: str = "master"
    repo: str = ""
    tag: str = ""
    number: str = "1"
    pull_request: bool = False

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables by which Travis CI tells a script the same."""
        return {
            "TRAVIS_BRANCH": self.tag or self.branch,
            "TRAVIS_TAG": self.tag,
            "TRAVIS_REPO_SLUG": self.repo,
            "TRAVIS_BUILD_NUMBER": self.number,
            "TRAVIS_PULL_REQUEST": "1" if self.pull_request else "false",
        }


@dataclass(frozen=True)
class Decision:
    """Whether this build is deployed, and the first reason against it or all that spoke for it."""

    deploys: bool
    because: str
    origin: str = field(default="Travis CI's default")


def decide(block: Block, build: Build, environment: Mapping[str, str]) -> Decision:
    """Whether a build meets the `on:` of a block; BadTravisFile for a condition that cannot be evaluated.

    Without `on:`, a build of the branch master deploys; a pull request never does.
    """
    given = block.fields.get("on")
    fields = _fields(given)
    origin = f"line {given.line}" if given else Decision(True, "").origin
    if build.pull_request:
        return Decision(False, "a pull request is never deployed", "Travis CI's rule")
    reasons = []
    for holds, words in _checks(fields, build, {**environment, **build.variables}):
        if not holds:
            return Decision(False, words, origin)
        reasons.append(words)
    return Decision(True, ", ".join(reasons), origin)


def _fields(given: Value | None) -> dict[str, Value]:
    if given is None:
        return {}
    if given.fields is None:  # `on: production` is short for its branch
        return {"branch": given}
    for name, value in given.fields.items():
        known(name, CONDITIONS, value.line, "a condition of on:")
    return given.fields


def _checks(
    fields: dict[str, Value], build: Build, facts: Mapping[str, str]
) -> list[tuple[bool, str]]:
    checks = []
    if "repo" in fields:
        checks.append(_same("repository", build.repo, _texts(fields["repo"])))
    tags = _flag(fields, "tags")
    if tags is not None:
        checks.append((bool(build.tag) == tags, f"tag {build.tag}" if build.tag else "no tag"))
    if tags is not True:  # a build of a tag has no branch to compare
        checks.append(_branch(fields, build))
    checks += [
        (_holds(value, facts), f"condition {value.text}")
        for value in _values(fields.get("condition"))
    ]
    return checks


def _branch(fields: dict[str, Value], build: Build) -> tuple[bool, str]:
    if _flag(fields, "all_branches"):
        return True, "every branch"
    wanted = _texts(fields["branch"]) if "branch" in fields else ["master"]
    return _same("branch", build.tag or build.branch, wanted)


def _same(what: str, has: str, wanted: list[str]) -> tuple[bool, str]:
    if has in wanted:
        return True, f"{what} {has}"
    return (
        False,
        f"this build's {what} is {has or 'not known'}, and on: wants {' or '.join(wanted)}",
    )


def _flag(fields: dict[str, Value], name: str) -> bool | None:
    if name not in fields:
        return None
    return one_of(fields[name], name, {"true": True, "false": False})


def _values(given: Value | None) -> list[Value]:
    return [] if given is None else list(given.items) if given.items is not None else [given]


def _texts(given: Value) -> list[str]:
    values = _values(given)
    if empty := [value for value in values if not value.text]:
        raise BadTravisFile(empty[0].line, "a condition of on: stands here without its value.")
    return [value.text for value in values]


def _holds(given: Value, facts: Mapping[str, str]) -> bool:
    """What bash's [[ ]] says of comparisons joined by && and ||."""
    return any(
        all(_term(term.strip(), given, facts) for term in part.split("&&"))
        for part in given.text.split("||")
    )


def _term(term: str, given: Value, facts: Mapping[str, str]) -> bool:
    found = _TERM.fullmatch(term)
    if found is None or "$(" in term or "`" in term:  # a command is never run
        raise BadTravisFile(
            given.line,
            f"the condition {term!r} is not evaluated here; comparisons with =, !=, =~, -n and -z "
            "are, joined by && and ||.",
        )
    return _truth(found, given, facts) != bool(found["not"])


def _truth(found: re.Match[str], given: Value, facts: Mapping[str, str]) -> bool:
    if found["test"]:
        return bool(_filled(found["only"], facts)) == (found["test"] == "-n")
    if found["word"]:
        return bool(_filled(found["word"], facts))
    left, right = _filled(found["left"], facts), found["right"]
    if found["sign"] == "=~":
        return _matches(right, left, given, facts)
    quoted = right[0] in "'\""
    same = (
        left == _filled(right, facts)
        if quoted
        else fnmatch.fnmatchcase(left, _filled(right, facts))
    )
    return same != (found["sign"] == "!=")


def _matches(pattern: str, text: str, given: Value, facts: Mapping[str, str]) -> bool:
    try:
        return (
            re.search(
                _filled(pattern, facts) if pattern.startswith("$") else pattern.strip("'\""), text
            )
            is not None
        )
    except re.error as error:
        raise BadTravisFile(given.line, f"{pattern!r} is no regular expression: {error}.") from None


def _filled(word: str, facts: Mapping[str, str]) -> str:
    """A word of the condition: without quotes, its variables filled in; one that is not set is empty, as in bash."""
    if word.startswith("'"):
        return word.strip("'")
    return re.sub(_NAME, lambda found: facts.get(found[1], ""), word.strip('"'))
