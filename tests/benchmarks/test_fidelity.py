"""Answers of Lambda's API that were recorded from AWS, replayed on the embedded Lambda."""

import pytest

from benchmarks import fidelity
from benchmarks.compare_answers import Comparison


@pytest.fixture(scope="module")
def world():
    with fidelity.embedded() as world:
        yield world


def test_every_recorded_field_is_answered_as_aws_did(world):
    differ = [
        f"{case.name} {leaf.path}: AWS {leaf.recorded!r}, here {leaf.answered!r}"
        for case, leaves in fidelity.run(world, [])
        for leaf in leaves
        if not leaf.equal
    ]
    assert not differ, "\n".join(differ)


def differing(recorded, answered):
    comparison = Comparison("0" * 12, {"<region>": "eu-west-1"})
    return [leaf.path for leaf in comparison.leaves(recorded, answered, "it") if not leaf.equal]


def test_a_token_stands_for_the_same_value_everywhere_and_another_id_is_new():
    assert differing(["<uuid:1>", "<uuid:1>", "<uuid:2>"], ["a", "a", "b"]) == []
    assert differing(["<uuid:1>", "<uuid:1>"], ["a", "b"]) == ["it[1]"]
    assert differing(["<uuid:1>", "<uuid:2>"], ["a", "a"]) == ["it[1]"]


def test_missing_fields_other_types_and_other_texts_differ():
    assert differing({"a": 1, "b": {"c": "x"}}, {"a": 1}) == ["it.b.c"]
    assert differing({"a": 1}, {"a": "1"}) == ["it.a"]
    assert differing("arn:aws:lambda:<region>:111111111111:f", "arn:aws:lambda:eu-west-1:0:f")
    assert (
        differing("arn:<partition>:<region>:111111111111", "arn:aws:eu-west-1:000000000000") == []
    )


def test_the_table_counts_equal_fields_of_all_by_topic():
    leaves = list(Comparison("0" * 12, {}).leaves({"a": 1, "b": 2}, {"a": 1, "b": 3}, "it"))
    assert fidelity.table({"tags": leaves}).splitlines()[1:] == [
        "tags                      1       2    50.0",
        "all                       1       2    50.0",
    ]
