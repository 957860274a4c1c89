"""An event that is no JSON is refused in the words of Jackson, the parser that AWS uses."""

import pytest

from lambdadeck.engine.api import payload
from lambdadeck.engine.api.errors import ApiError
from tests.support.cases import each

VALUE = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
MOST = "exceeds the maximum allowed (1000, from `StreamReadConstraints.getMax"
PLACE = "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: "


@each(
    ("event", "said"),
    [
        (b"n\x87r", f"Invalid UTF-8 start byte 0x87{PLACE}1, column: 3]"),
        (
            b"\x99\xeb",
            f"Unexpected character ((CTRL-CHAR, code 153)): expected a valid value {VALUE}"
            f"{PLACE}1, column: 1]",
        ),
        (b"hello", f"Unrecognized token 'hello': was expecting {VALUE}{PLACE}1, column: 6]"),
        (
            b'{\n"a": }',
            f"Unexpected character ('}}' (code 125)): expected a valid value {VALUE}"
            f"{PLACE}2, column: 6]",
        ),
        (
            b"{'a': 1}",
            f"Unexpected character (''' (code 39)): was expecting double-quote to start field name"
            f"{PLACE}1, column: 2]",
        ),
        (
            b'{"a" 1}',
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name "
            f"and value{PLACE}1, column: 6]",
        ),
        (
            b'{"a": 1\n"b": 2}',
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"
            f"{PLACE}2, column: 1]",
        ),
        (
            b'{"}": [1 2]}',
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"
            f"{PLACE}1, column: 10]",
        ),
        (
            b'{"a": [{"b": "}"}',
            "Unexpected end-of-input: expected close marker for Array (start marker at "
            f"{PLACE[5:]}1, column: 7]){PLACE}1, column: 18]",
        ),
        (b'{"a":', f"Unexpected end-of-input within/between Object entries{PLACE}1, column: 6]"),
        (
            b"[NaN]",
            "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
        ),
        (b"[" * 5000 + b"]" * 5000, f"Document nesting depth (1001) {MOST}NestingDepth()`)"),
        (b"-" + b"1" * 5000, f"Number value length (5000) {MOST}NumberLength()`)"),
    ],
)
def test_the_error_names_what_was_found_and_where(event, said):
    with pytest.raises(ApiError) as refused:
        payload.check(event)
    start = "Could not parse request body into json: Could not parse payload into json: "
    assert refused.value.message == start + said
    assert refused.value.code == "InvalidRequestContentException"


WIDE = b"[%s[{}]]" % (b"[{}]," * 2000)


@each("event", [b"", b"null", b'"x"', b"[1]", b"{}", b"1" * 1000, b"[" * 800 + b"]" * 800, WIDE])
def test_json_and_nothing_pass(event):
    payload.check(event)


@each("event", [b"[" * 100_000, b"{'a': 1}", b'{"a": 1', b"\xff\xfe"])
def test_any_other_event_is_refused_too(event):
    with pytest.raises(ApiError):
        payload.check(event)
