"""Travis CI's lambda provider (dpl v2): a .travis.yml becomes a plan of boto3 calls, and the calls.

pipeline = travis.read(travis.OF_2017)
pipeline.plan()      # call by call, with the line that each argument comes from
pipeline.deploy()    # the same calls, made
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3

from lambdadeck import aws, functions
from lambdadeck.deployment.travis import account, parser
from lambdadeck.deployment.travis.conditions import Build, decide
from lambdadeck.deployment.travis.execute import Deployment, carry_out
from lambdadeck.deployment.travis.options import Setting, settings
from lambdadeck.deployment.travis.package import Package, package
from lambdadeck.deployment.travis.parser import BadTravisFile, Block
from lambdadeck.deployment.travis.plan import Step, ask, calls
from lambdadeck.deployment.travis.plan_table import Plan
from lambdadeck.reference import runtimes

__all__ = ["OF_2017", "BadTravisFile", "Build", "Deployment", "Pipeline", "Plan", "newest", "read"]

OF_2017 = functions.FUNCTIONS / "bricklane-archive-firehose" / ".travis.yml"


@dataclass(frozen=True)
class Pipeline:
    """A .travis.yml: its text, the folder that its paths begin in, the providers of its `deploy:`."""

    text: str = field(repr=False)  # a secret may stand in it
    root: Path
    blocks: tuple[Block, ...]

    def replace(self, old: str, new: str) -> Pipeline:
        """The same file with one word changed; ValueError if it is not in there."""
        if old not in self.text:
            raise ValueError(f"There is no {old!r} in this .travis.yml to replace.")
        return read(self.text.replace(old, new), self.root)

    def plan(
        self,
        build: Build = Build(),
        environment: Mapping[str, str] | None = None,
        client: Any = None,
    ) -> Plan:
        """What would be called for this build; asks only whether the functions exist.

        Variables come from `environment` (os.environ); `client` is one Lambda client for every provider, by default
        each has its own with the keys and the region of the file. BadTravisFile says what is wrong, and in which line.
        """
        facts = {**(os.environ if environment is None else environment), **build.variables}
        return Plan(tuple(_step(block, self.root, build, facts, client) for block in self.blocks))

    def deploy(
        self,
        build: Build = Build(),
        environment: Mapping[str, str] | None = None,
        client: Any = None,
    ) -> Deployment:
        """Plan, then make the calls until one fails: the deployment says what came back, an error of AWS too."""
        steps = self.plan(build, environment, client).steps
        for step in steps:
            if step.decision.deploys:
                account.make_role(step.settings)
        return carry_out(steps, client or _client)


def read(source: Path | str, root: Path | str | None = None) -> Pipeline:
    """Read a .travis.yml (a Path) or its text (a str); paths in it begin at `root`, by default the file's folder.

    OSError if the file cannot be read, BadTravisFile if it is not a .travis.yml with a `deploy:`.
    """
    folder = (
        Path(root) if root is not None else source.parent if isinstance(source, Path) else Path()
    )
    text = _text(source) if isinstance(source, Path) else source
    return Pipeline(text, folder, tuple(parser.read(text)))


def newest(runtime: str, *, today: dt.date | None = None) -> str:
    """The newest runtime of the same language that AWS supports that day (of nodejs4.3 on 2026-11-23: nodejs24.x).

    ValueError if there is none. One without a life-cycle date is not known to be supported. Source: `runtimes.SOURCE`.
    """
    language, day = runtimes.language(runtime), today or dt.date.today()
    found = [
        one for one in runtimes.table().values() if one.language == language and one.supported(day)
    ]
    if not found:
        raise ValueError(
            f"No runtime of {language} is known to be supported on {day}, so none can replace {runtime}."
        )
    return max(
        found, key=lambda one: [int(number) for number in re.findall(r"\d+", one.identifier)]
    ).identifier


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadTravisFile(
            line, "these bytes are no UTF-8: save the file in that encoding."
        ) from None


def _step(block: Block, root: Path, build: Build, facts: Mapping[str, str], client: Any) -> Step:
    decision = decide(block, build, facts)
    if block.provider != "lambda":
        other = replace(
            decision,
            deploys=False,
            because=f"only lambda is carried out, not {block.provider}",
            origin=f"line {block.line}",
        )
        return Step(block, other, {})
    found = account.adapted(settings(block, {**account.not_needed(block), **facts}))
    stated = found.settings
    if not decision.deploys:
        return Step(block, decision, stated)
    code = _package(root, stated)
    exists = _exists(client or _client(stated), stated["function_name"].value)
    return Step(
        block,
        decision,
        stated,
        (ask(stated), *calls(block, stated, code, exists)),
        exists,
        found.notes,
    )


def _package(root: Path, stated: Mapping[str, Setting]) -> Package:
    given = stated["zip"]
    return package(
        root / given.value, given.shown, given.line or 1, dot_match=stated["dot_match"].value
    )


def _client(stated: Mapping[str, Setting]) -> Any:
    """A client with the keys and the region of the file, as dpl makes one; on AWS as who is logged in."""
    if aws.asked():
        return boto3.client("lambda")
    keys = {
        "aws_access_key_id": "access_key_id",
        "aws_secret_access_key": "secret_access_key",
        "region_name": "region",
    }
    return boto3.client("lambda", **{name: stated[option].value for name, option in keys.items()})


def _exists(client: Any, name: str) -> bool:
    try:
        client.get_function(FunctionName=name)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True
