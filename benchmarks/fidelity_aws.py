"""scripts/fidelity --aws: the same calls in a real account, so that expectations can be renewed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from benchmarks import fidelity
from benchmarks.compare_answers import IGNORED, Leaf
from benchmarks.fidelity import Case
from benchmarks.fidelity_scene import World
from lambdadeck import aws, teardown
from lambdadeck.aws import ledger, role, spend
from lambdadeck.cloud import options as cloud_options
from lambdadeck.shared import files
from lambdadeck.shared.paths import ROOT

WRAPPED = "CreateFunctionResponse"  # in which some answers were recorded
SETTLE_S = 1.0  # between two looks at a state


def main(chosen: argparse.Namespace) -> int:
    """Compare, record and remove; return 1 if a field differs, 2 if AWS is not confirmed."""
    try:
        cloud_options.begin(chosen.profile, chosen.region)
    except aws.StoppedError as problem:
        print(problem)
        return 2
    found: list[tuple[Case, list[Leaf]]] = []
    try:
        found += _within(chosen.limit_usd, fidelity.run(_world(), chosen.words))
    finally:
        left = teardown.run()
        print(left)
    rows = fidelity.compared(found, show=chosen.show)
    target = ROOT / fidelity.RENEWED
    target.parent.mkdir(exist_ok=True)
    told = json.dumps(_renewed(found), indent=1, default=str)
    files.replace(target, told.replace(aws.confirmed().account, "1" * 12).encode(), 0o644)
    print(fidelity.table(rows), f"\n{spend.meter().sentence}. The answers are in {target}.", sep="")
    return 0 if all(leaf.equal for leaves in rows.values() for leaf in leaves) else 1


def _world() -> World:
    session, caller = boto3.DEFAULT_SESSION, aws.confirmed()

    @cache
    def connect(service: str) -> Any:
        return session.client(service, config=Config(parameter_validation=service != "lambda"))

    tags = frozenset({ledger.MADE_BY[0], ledger.START_TAG})
    return World(connect, caller.region, caller.account, role.arn(caller), SETTLE_S, tags)


def _within(
    limit_usd: float, found: Iterator[tuple[Case, list[Leaf]]]
) -> Iterator[tuple[Case, list[Leaf]]]:
    """Yield what is found until the invocations have cost more than the limit."""
    while spend.meter().usd <= limit_usd and (one := next(found, None)):
        yield one
    if next(found, None):
        print(f"Stopped: the invocations have cost {spend.meter().amount}, the limit is")
        print(f"{limit_usd:g} USD. Raise it with --limit-usd.")


def _renewed(found: list[tuple[Case, list[Leaf]]]) -> dict[str, dict[str, Any]]:
    """Return each answer as recorded where it is still so, and as AWS gives it now elsewhere."""
    recorded, made = json.loads(fidelity.ANSWERS.read_text(encoding="utf-8")), {}
    for case, leaves in found:
        answers = made[case.name] = recorded[case.name]
        for key in answers:
            own = iter([leaf for leaf in leaves if leaf.path.partition(".")[0] == key])
            inside = any(leaf.path.startswith(f"{key}.{WRAPPED}.") for leaf in leaves)
            if inside:
                answers[key][WRAPPED] = _now(answers[key][WRAPPED], own)
            else:
                answers[key] = _now(answers[key], own)
    return made


def _now(recorded: Any, leaves: Iterator[Leaf]) -> Any:
    """Return a recorded value with what AWS answers now; the leaves come in its order."""
    if isinstance(recorded, dict) and recorded:
        return {
            key: value if key in IGNORED else _now(value, leaves) for key, value in recorded.items()
        }
    if isinstance(recorded, list) and recorded:
        return [_now(value, leaves) for value in recorded]
    leaf = next(leaves, None)
    return recorded if leaf is None or leaf.equal else leaf.answered
