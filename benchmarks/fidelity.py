"""scripts/fidelity: replay calls whose answers were recorded from AWS, and count equal fields."""

from __future__ import annotations

import argparse
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import fidelity_events
from benchmarks.compare_answers import Comparison, Leaf
from benchmarks.fidelity_cases import CASES, RecordedCase, Step
from benchmarks.fidelity_events import PlayedCase
from benchmarks.fidelity_scene import Scene

Connect = Callable[[str], Any]  # returns boto3's client of a service
Case = RecordedCase | PlayedCase
ANSWERS = Path(__file__).parent / "recorded" / "answers.json"
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
    return parser.parse_args(arguments)


def replay(client: Any, recorded: Mapping[str, Any], case: RecordedCase) -> list[Leaf]:
    """Make a case's calls and return the leaves of its recorded answers."""
    region, account = client.meta.region_name, "0" * 12
    name = f"fidelity-{uuid.uuid4().hex[:8]}"
    arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
    values = {"name": name, "arn": arn, "region": region, "account": account, "r": {}}
    comparison = Comparison(account, {**KNOWN, "<region>": region})
    leaves: list[Leaf] = []
    for step in case.steps:
        answer = _answer(client, step, values)
        if step.key:
            values["r"][step.key] = answer
            expected = recorded[case.name][step.key]
            expected = expected[step.inside] if step.inside else expected
            leaves += comparison.leaves(expected, answer, step.key)
    _answer(client, Step("", "delete_function", {"FunctionName": name}, waits=False), values)
    return leaves


def play(connect: Connect, recorded: Mapping[str, Any], case: PlayedCase) -> list[Leaf]:
    """Play a case and return the leaves of its recorded answers."""
    client, account = connect("lambda"), "0" * 12
    region = client.meta.region_name
    comparison = Comparison(account, {**KNOWN, "<region>": region})
    scene = Scene(connect, region, account, f"fidelity-{uuid.uuid4().hex[:8]}")
    try:
        return [
            leaf
            for key, answer in case.play(scene)
            for leaf in comparison.leaves(recorded[case.name][key], answer, key)
        ]
    finally:
        scene.close()


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


def run(connect: Connect, words: list[str]) -> Iterator[tuple[Case, list[Leaf]]]:
    """Replay the cases whose topic or name has one of the words, or all."""
    recorded = json.loads(ANSWERS.read_text(encoding="utf-8"))

    def wanted(case: Case) -> bool:
        return not words or any(word in f"{case.topic} {case.name}" for word in words)

    for case in filter(wanted, CASES):
        yield case, replay(connect("lambda"), recorded, case)
    for played in filter(wanted, fidelity_events.CASES):
        yield played, play(connect, recorded, played)


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
    import boto3  # after installation
    from botocore.config import Config

    from lambdadeck import engine

    chosen = options(arguments)
    started = engine.start(transition_s=0.1)  # a busy machine is slower than 20 ms
    deck = started.settings.deck

    @cache
    def connect(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=started.endpoint,
            region_name=started.settings.region,
            aws_access_key_id=deck.access_key,
            aws_secret_access_key=deck.secret_key,
            config=Config(retries={"max_attempts": 0}, parameter_validation=service != "lambda"),
        )

    rows: dict[str, list[Leaf]] = {}
    for case, leaves in run(connect, chosen.words):
        rows.setdefault(case.topic, []).extend(leaves)
        for leaf in leaves:
            if chosen.show and not leaf.equal:
                print(f"{case.name} {leaf.path}\n  AWS:  {leaf.recorded}\n  here: {leaf.answered}")
    print(table(rows))
    started.stop()
    return 0 if all(leaf.equal for leaves in rows.values() for leaf in leaves) else 1


if __name__ == "__main__":
    import sys

    sys.exit(main(sys.argv[1:]))
