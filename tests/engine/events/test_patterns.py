"""The filter grammar: what matches, and what is refused."""

import json

import pytest

from lambdadeck.engine.events import filters, patterns
from tests.support.cases import each

EVENT = {
    "name": "Anna",
    "age": 41,
    "tags": ["red", "blue"],
    "empty": "",
    "nothing": None,
    "yes": True,
    "place": {"city": "Graz", "zip": "8010"},
    "rows": [{"id": 1}, {"id": 2}],
}


@each(
    ("pattern", "expected"),
    [
        ({}, True),
        ({"name": ["Anna"]}, True),
        ({"name": ["Bert", "Anna"]}, True),
        ({"name": ["anna"]}, False),
        ({"name": ["Anna"], "age": [40]}, False),
        ({"age": [41.0]}, True),
        ({"age": ["41"]}, False),
        ({"yes": [True]}, True),
        ({"yes": [1]}, False),
        ({"nothing": [None]}, True),
        ({"missing": [None]}, False),
        ({"empty": [""]}, True),
        ({"tags": ["blue"]}, True),
        ({"tags": ["green"]}, False),
        ({"rows": {"id": [2]}}, True),
        ({"rows": {"id": [3]}}, False),
        ({"place": {"city": ["Graz"]}}, True),
        ({"place": ["Graz"]}, False),
        ({"name": {"city": ["Graz"]}}, False),
        ({"name": [{"exists": True}]}, True),
        ({"missing": [{"exists": True}]}, False),
        ({"missing": [{"exists": False}]}, True),
        ({"place": {"street": [{"exists": False}]}}, True),
        ({"place": [{"exists": True}]}, False),
        ({"name": [{"prefix": "An"}]}, True),
        ({"name": [{"prefix": "an"}]}, False),
        ({"name": [{"prefix": {"equals-ignore-case": "an"}}]}, True),
        ({"name": [{"suffix": "na"}]}, True),
        ({"name": [{"suffix": "NA"}]}, False),
        ({"name": [{"equals-ignore-case": "ANNA"}]}, True),
        ({"age": [{"equals-ignore-case": "41"}]}, False),
        ({"name": [{"anything-but": "Bert"}]}, True),
        ({"name": [{"anything-but": ["Bert", "Anna"]}]}, False),
        ({"age": [{"anything-but": [40, 42]}]}, True),
        ({"name": [{"anything-but": {"prefix": "An"}}]}, False),
        ({"name": [{"anything-but": {"suffix": ["x", "y"]}}]}, True),
        ({"missing": [{"anything-but": "Bert"}]}, False),
        ({"age": [{"numeric": [">", 40]}]}, True),
        ({"age": [{"numeric": [">=", 40, "<", 41]}]}, False),
        ({"age": [{"numeric": ["=", 41]}]}, True),
        ({"name": [{"numeric": [">", 0]}]}, False),
        ({"$or": [{"name": ["Bert"]}, {"age": [41]}]}, True),
        ({"$or": [{"name": ["Bert"]}, {"age": [40]}]}, False),
        ({"name": ["Anna"], "$or": [{"age": [1]}, {"place": {"city": ["Graz"]}}]}, True),
        ({"place": {"$or": [{"city": ["Wien"]}, {"zip": [{"prefix": "80"}]}]}}, True),
    ],
)
def test_a_pattern_matches_as_documented(pattern, expected):
    assert patterns.matches(patterns.read(json.dumps(pattern)), EVENT) is expected


@each(
    "text",
    [
        "",
        "single-string",
        '[{"eventName": ["INSERT"=123}]',
        "[]",
        '"text"',
        '{"a": "text"}',
        '{"a": 1}',
        '{"a": []}',
        '{"a": [["b"]]}',
        '{"a": [{"unknown": 1}]}',
        '{"a": [{}]}',
        '{"a": [{"prefix": "b", "suffix": "c"}]}',
        '{"a": [{"prefix": 1}]}',
        '{"a": [{"exists": "yes"}]}',
        '{"a": [{"numeric": []}]}',
        '{"a": [{"numeric": [">", "1"]}]}',
        '{"a": [{"numeric": ["!", 1]}]}',
        '{"a": [{"numeric": [">", 2, "<", 1]}]}',
        '{"a": [{"numeric": ["<", 2, ">", 1]}]}',
        '{"a": [{"anything-but": []}]}',
        '{"a": [{"anything-but": {"numeric": [">", 1]}}]}',
    ],
)
def test_a_pattern_that_breaks_the_grammar_is_refused(text):
    with pytest.raises(patterns.PatternError):
        patterns.read(text)


def message(body):
    return {"messageId": "1", "body": body}


def passes(pattern, record):
    return filters.passes(
        {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)}]}}, record
    )


@each(
    ("pattern", "record", "expected"),
    [
        ({"body": {"a": ["b"]}}, message('{"a": "b"}'), True),
        ({"body": {"a": ["b"]}}, message("plain"), False),
        ({"body": ["plain"]}, message("plain"), True),
        ({"body": ["plain"]}, message('{"a": "b"}'), False),
        ({"messageId": ["1"]}, message("plain"), True),
        ({"data": {"a": [1]}}, {"kinesis": {"data": "eyJhIjogMX0=", "partitionKey": "k"}}, True),
        ({"partitionKey": ["k"]}, {"kinesis": {"data": "eHh4", "partitionKey": "k"}}, True),
        ({"eventName": ["INSERT"]}, {"eventName": "MODIFY", "dynamodb": {}}, False),
    ],
)
def test_a_filter_sees_bodies_and_data_as_json(pattern, record, expected):
    assert passes(pattern, record) is expected


def test_one_of_several_filters_is_enough_and_without_filters_all_pass():
    stated = [{"Pattern": '{"a": [1]}'}, {"Pattern": '{"a": [2]}'}]
    mapping = {"FilterCriteria": {"Filters": stated}}
    assert filters.passes(mapping, {"a": 2}) and not filters.passes(mapping, {"a": 3})
    assert filters.passes({}, {"a": 3})
