"""scripts/fidelity: replay calls whose answers were recorded from AWS, and count equal fields."""

from __future__ import annotations

import argparse
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import fidelity_events
from benchmarks.compare_answers import Comparison, Leaf
from benchmarks.fidelity_cases import CASES, RecordedCase, Step
from benchmarks.fidelity_events import PlayedCase
from benchmarks.fidelity_scene import Scene, World
from lambdadeck.cloud import options as cloud_options

Case = RecordedCase | PlayedCase
ANSWERS = Path(__file__).parent / "recorded" / "answers.json"
RENEWED = Path("build") / "answers.json"
KNOWN = {"<partition>": "aws", "<wrong-region>": "us-east-1", "<min_unreserved_concurrency>": "100"}


def options(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/fidelity",
        description="Replay calls of Lambda's API on the embedded Lambda and compare each field of "
        "the answers with what AWS answered.",
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="only topics or cases with it")
    parser.add_argument("--show", action="store_true", help="show the fields that differ")
    cloud_options.add_options(
        parser,
        "make the calls in your AWS account instead, tagged and removed afterwards, and write the "
        f"answers to {RENEWED}",
    )
    parser.add_argument(
        "--limit-usd",
        type=float,
        default=0.10,
        metavar="USD",
        help="with --aws: stop when Lambda's invocations have cost this (default: 0.10); queues, "
        "tables, and two streams of one shard are not counted",
    )
    chosen = parser.parse_args(arguments)
    chosen.aws = cloud_options.is_asked(parser, chosen)
    return chosen


def replay(world: World, recorded: Mapping[str, Any], case: RecordedCase) -> list[Leaf]:
    """Make a case's calls and return the leaves of its recorded answers."""
    client, name = world.connect("lambda"), _name()
    arn = f"arn:aws:lambda:{world.region}:{world.account}:function:{name}"
    values: dict[str, Any] = {"name": name, "arn": arn, "role": world.role, "r": {}}
    values |= {"region": world.region, "account": world.account}
    comparison = _comparison(world)
    leaves: list[Leaf] = []
    for step in case.steps:
        answer = world.told(_answer(client, step, values))
        if step.key:
            values["r"][step.key] = answer
            expected = recorded[case.name][step.key]
            expected = expected[step.inside] if step.inside else expected
            path = f"{step.key}.{step.inside}" if step.inside else step.key
            leaves += comparison.leaves(expected, answer, path)
    _answer(client, Step("", "delete_function", {"FunctionName": name}, waits=False), values)
    return leaves


def play(world: World, recorded: Mapping[str, Any], case: PlayedCase) -> list[Leaf]:
    """Play a case and return the leaves of its recorded answers."""
    comparison, scene = _comparison(world), Scene(world, _name())
    try:
        return [
            leaf
            for key, answer in case.play(scene)
            for leaf in comparison.leaves(recorded[case.name][key], answer, key)
        ]
    finally:
        scene.close()


def _name() -> str:
    return f"lambda-live-{uuid.uuid4().hex[:8]}"  # a name that the role of the talk knows


def _comparison(world: World) -> Comparison:
    return Comparison(world.account, {**KNOWN, "<region>": world.region})


def _answer(client: Any, step: Step, values: dict[str, Any]) -> dict[str, Any]:
    """Return the answer, or the response of the error."""
    parameters = _filled(step.parameters, values)
    try:
        answer: dict[str, Any] = getattr(client, step.operation)(**parameters)
    except client.exceptions.ClientError as error:
        return dict(error.response)
    if step.waits and step.operation.startswith(("create_function", "update_function")):
        for waiter in ("function_active_v2", "function_updated_v2"):
            client.get_waiter(waiter).wait(
                FunctionName=values["name"], WaiterConfig={"Delay": 0.03, "MaxAttempts": 200}
            )
    return answer


def _filled(value: Any, values: dict[str, Any]) -> Any:
    if isinstance(value, str):
        return value.format(**values)
    if isinstance(value, dict):
        return {key: _filled(one, values) for key, one in value.items()}
    return value


def run(world: World, words: list[str]) -> Iterator[tuple[Case, list[Leaf]]]:
    """Replay the cases whose topic or name has one of the words, or all."""
    recorded = json.loads(ANSWERS.read_text(encoding="utf-8"))

    def wanted(case: Case) -> bool:
        return not words or any(word in f"{case.topic} {case.name}" for word in words)

    for case in filter(wanted, CASES):
        yield case, replay(world, recorded, case)
    for played in filter(wanted, fidelity_events.CASES):
        yield played, play(world, recorded, played)


def table(rows: Mapping[str, list[Leaf]]) -> str:
    """Return fields equal of all, by topic."""
    lines = [f"{'topic':20}{'equal':>7}{'fields':>8}{'%':>8}"]
    everything = [leaf for leaves in rows.values() for leaf in leaves]
    for topic, leaves in [*rows.items(), ("all", everything)]:
        equal = sum(leaf.equal for leaf in leaves)
        share = 100 * equal / max(1, len(leaves))
        lines.append(f"{topic:20}{equal:7}{len(leaves):8}{share:8.1f}")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the table; return 1 if a field differs."""
    from benchmarks import fidelity_aws  # after installation

    chosen = options(arguments)
    if chosen.aws:
        return fidelity_aws.main(chosen)
    with embedded() as world:
        rows = compared(run(world, chosen.words), show=chosen.show)
    print(table(rows))
    return 0 if all(leaf.equal for leaves in rows.values() for leaf in leaves) else 1


def compared(found: Iterable[tuple[Case, list[Leaf]]], *, show: bool) -> dict[str, list[Leaf]]:
    """Return the leaves by topic, and print those that differ if asked to."""
    rows: dict[str, list[Leaf]] = {}
    for case, leaves in found:
        rows.setdefault(case.topic, []).extend(leaves)
        for leaf in leaves:
            if show and not leaf.equal:
                print(f"{case.name} {leaf.path}\n  AWS:  {leaf.recorded}\n  here: {leaf.answered}")
    return rows


@contextmanager
def embedded() -> Iterator[World]:
    """Start the embedded Lambda for the block."""
    import boto3  # after installation
    from botocore.config import Config

    from lambdadeck import engine

    started = engine.start(transition_s=0.1)  # a busy machine is slower than 20 ms
    deck, region = started.settings.deck, started.settings.region

    @cache
    def connect(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=started.endpoint,
            region_name=region,
            aws_access_key_id=deck.access_key,
            aws_secret_access_key=deck.secret_key,
            config=Config(retries={"max_attempts": 0}, parameter_validation=service != "lambda"),
        )

    account = started.settings.account
    try:
        yield World(connect, region, account, f"arn:aws:iam::{account}:role/lambda-fidelity")
    finally:
        started.stop()


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
