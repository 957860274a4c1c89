"""Partial batch responses, by AWS's rules."""

from lambdadeck.engine.events import batches
from lambdadeck.engine.model import Outcome
from tests.support.cases import each

ALL = {"a", "b", "c"}


def failed(payload, error=None, reports=True):
    outcome = Outcome(payload, error, "", 1.0, None)
    return batches.failed(outcome, ["a", "b", "c"], reports)


@each(
    ("payload", "expected"),
    [
        (b"", set()),
        (b"null", set()),
        (b'""', set()),
        (b"[]", set()),
        (b"{}", set()),
        (b'{"batchItemFailures": []}', set()),
        (b'{"batchItemFailures": null}', set()),
        (b'{"statusCode": 200}', set()),
        (b'{"batchItemFailures": [{"itemIdentifier": "b"}]}', {"b"}),
        (b'{"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "b"}]}', {"b"}),
        (b'{"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": ""}]}', ALL),
        (b'{"batchItemFailures": [{"itemIdentifier": null}]}', ALL),
        (b'{"batchItemFailures": [{"itemIdentifier": 123}]}', ALL),
        (b'{"batchItemFailures": [{"itemIdentifier": "unknown"}]}', ALL),
        (b'{"batchItemFailures": [{"foo": "b"}]}', ALL),
        (b'{"batchItemFailures": ["b"]}', ALL),
        (b'{"batchItemFailures": "b"}', ALL),
        (b"not json", ALL),
    ],
)
def test_a_report_fails_the_records_that_it_names_and_a_malformed_one_all(payload, expected):
    assert failed(payload) == expected


def test_a_failed_invocation_fails_all_and_a_report_that_nobody_asked_for_none():
    report = b'{"batchItemFailures": [{"itemIdentifier": "b"}]}'
    assert failed(report, error="Unhandled") == ALL
    assert failed(report, reports=False) == set()
