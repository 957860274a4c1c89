"""What an invocation wrote, between the platform's lines."""

from hypothesis import given
from hypothesis import strategies as st

from lambdadeck.engine.execution.output import LIMIT_LINES, Output


def test_lines_of_the_platform_stand_on_lines_of_their_own():
    output = Output()
    output.write(b"no newline")
    output.say("START")
    output.write(b"a\nb")
    output.say("END")
    assert output.lines() == ["no newline", "START", "a", "b", "END"]


def test_what_is_over_the_limit_is_counted_and_said():
    output = Output(limit=10)
    output.write(b"12345678")
    output.write(b"90abcdef")
    output.write(b"more")
    assert output.lines() == [
        "1234567890",
        "[local] 10 bytes of output dropped: an invocation keeps 10 and 50000 lines",
    ]


def test_too_many_short_lines_are_dropped_too():
    output = Output()
    for _ in range(100):
        output.write(b"\n" * 1000)
    assert len(output.lines()) == LIMIT_LINES + 1
    assert output.lines()[-1].startswith("[local] 50000 bytes of output dropped: ")


def test_bytes_that_are_no_utf8_are_replaced_even_when_cut_in_two():
    output = Output()
    output.write("é".encode()[:1])
    output.write("é".encode()[1:] + b"\xff\n")
    assert output.lines() == ["é�"]


@given(st.lists(st.binary(max_size=20)))
def test_nothing_is_lost_below_the_limit(chunks):
    output = Output()
    for chunk in chunks:
        output.write(chunk)
    text = b"".join(chunks).decode("utf-8", errors="replace")
    assert "\n".join(output.lines()) == text.removesuffix("\n")


def test_clear_forgets():
    output = Output(limit=1)
    output.write(b"ab")
    output.clear()
    assert output.lines() == []
