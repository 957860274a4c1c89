"""Travis CI's lambda provider (dpl v2): a .travis.yml becomes a plan of boto3 calls, and the calls.

pipeline = travis.read(travis.OF_2017)
pipeline.plan()      # call by call, with the line that each argument comes from
pipeline.deploy()    # the same calls, made
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from string import Template
from typing import Any

import boto3

from lambdadeck import aws, functions
from lambdadeck.aws import role
from lambdadeck.deployment.travis import parser
from lambdadeck.deployment.travis.calls import HEADERS, Deployment, Plan, carry_out, planned
from lambdadeck.deployment.travis.options import KEYS, Setting, adapted, decide, settings
from lambdadeck.deployment.travis.parser import TravisFileError, Value
from lambdadeck.reference.runtimes import newest

__all__ = ["OF_2017", "Pipeline", "TravisFileError", "newest", "read"]

OF_2017 = functions.FUNCTIONS / "bricklane-archive-firehose" / ".travis.yml"
Facts = Mapping[str, str] | None


@dataclass(frozen=True)
class Pipeline:
    """A .travis.yml: its text, the folder that its paths begin in, the provider of `deploy:`."""

    text: str = field(repr=False)  # a secret may stand in it
    root: Path
    provider: Value = field(repr=False)

    def replace(self, old: str, new: str) -> Pipeline:
        """Return the same file with one word changed; raise ValueError if it is not in there."""
        if old not in self.text:
            raise ValueError(f"There is no {old!r} in this .travis.yml to replace.")
        return read(self.text.replace(old, new), self.root)

    def plan(self, branch: str = "master", environment: Facts = None, client: Any = None) -> Plan:
        """Plan the calls for a build; only get_function is made, with the file's keys."""
        given = os.environ if environment is None else environment
        facts = {"TRAVIS_BUILD_NUMBER": "1", **given, "TRAVIS_BRANCH": branch}
        stated, notes = adapted(settings(self.provider, facts))
        deploys, because, origin = decide(self.provider, branch)
        first = ("lambda", "deploys" if deploys else "skipped", because, origin)
        if not deploys:
            return Plan(HEADERS, [first], f"not deployed, {because}.")
        keys = {f"aws_{name}": stated[name].value for name in KEYS}
        client = client or boto3.client("lambda", stated["region"].value, **keys)
        plan = planned(stated, self._package(stated["zip"]), client, notes)
        secrets = [(stated[name].shown, stated[name].value or "") for name in KEYS]
        used = facts.keys() & Template(self.text).get_identifiers()
        secrets += [(f"${name}", facts[name]) for name in used]
        return replace(plan, rows=[first, *plan.rows], secrets=secrets)

    def deploy(
        self, branch: str = "master", environment: Facts = None, client: Any = None
    ) -> Deployment:
        """Plan, then make the calls until one fails; AWS's error is in the deployment."""
        plan = self.plan(branch, environment, client)
        if plan.calls and aws.asked() and plan.calls[1].sent["Role"] == role.arn(aws.confirmed()):
            role.ensure(plan.calls[1].sent["FunctionName"])
        return carry_out(plan)

    def _package(self, given: Setting) -> Setting:
        with tempfile.TemporaryDirectory(prefix="travis-") as scratch:
            code, hidden = Path(scratch, "code"), shutil.ignore_patterns(".*")
            try:
                shutil.copytree(self.root / given.value, code, ignore=hidden)
                content, files = functions.pack(code), sum(one.is_file() for one in code.rglob("*"))
            except (OSError, ValueError) as error:
                words = f"zip is {given.shown!r}: name a folder that has files that are not hidden."
                line = self.provider.fields.get("zip", self.provider).line
                raise TravisFileError(line, words) from error
        size = f"{files} file{'' if files == 1 else 's'}, {len(content):,} bytes zipped"
        return replace(given, value=content, shown=f"{given.shown}: {size}")


def read(source: Path | str, root: Path | str = "") -> Pipeline:
    """Read a .travis.yml, a Path or text; its paths begin at `root`, or in the file's folder."""
    if isinstance(source, Path):
        root = root or source.parent
        source = source.read_text("utf-8-sig", "surrogateescape")  # YAML refuses what is no UTF-8
    return Pipeline(source, Path(root), parser.read(source))
