"""The checks of lab 6: the learner's Python publishes, shifts and removes the checks' functions."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from lambdadeck.labs import calls, crowd, shipping
from lambdadeck.labs.model import MISS, RIGHT, Judgment, Phrase
from lambdadeck.labs.probes import NotTestedError


def _cell(*lines: str) -> str:
    """Return the source of a cell that runs the lines with a function as the check's was."""
    start = "from lambdadeck.labs import shipping\nwith shipping.function('one') as name:"
    return "\n    ".join([start, *lines])


def shipped(ship: Callable[..., Any]) -> str:
    """Call their `ship` twice: each version that it returns must keep its own code."""
    with shipping.function("one") as name:
        before = shipping.with_a_gap(name)
        numbers = [_shipped(ship, name, answer) for answer in ("two", "three")]
        is_number = all(str(number).isdecimal() for number in numbers)
        answers = [shipping.answer_of(name, str(number)) for number in numbers if is_number]
        if answers == ["two", "three"] and shipping.alias(name) == before:
            return RIGHT
        got = f"{numbers}, which return {answers}, {shipping.words(shipping.alias(name))}"
    latest = "latest" if "$LATEST" in numbers else MISS
    wanted = Phrase(f"numbers of versions that return 'two' and 'three', {shipping.words(before)}")
    outcome = "too-early" if answers == ["old", "two"] else latest
    return Judgment(outcome, _SHIP, Phrase(got), wanted)


_SHIP = _cell(
    "shipping.with_a_gap(name)",
    "for answer in ('two', 'three'):",
    "    version = ship(name, shipping.code(answer))",
    "    shipping.settled(name)",
    "    print(version, shipping.answer_of(name, str(version)), shipping.alias(name))",
)


def _shipped(ship: Callable[..., Any], name: str, answer: str) -> Any:
    number = calls.returned(ship, name, shipping.code(answer))
    shipping.settled(name)
    return number


def released(release: Callable[..., Any]) -> str:
    """Call their `release` to make the alias, to move it back during a shift, to move it on."""
    with shipping.function("one") as name:
        old, new = shipping.two_versions(name)
        calls.returned(release, name, old)
        if shipping.alias(name) != (old, {}):
            return _live(MISS, name, (old, {}), "release(name, old)")
        seen: list[shipping.Alias] = []
        for share in (0.5, 1.0):
            shipping.shift(name, new, share)
            seen += _watched(release, name, old)
            if shipping.alias(name)[1]:
                shift = f"shipping.shift(name, new, {share})"
                lines = ("release(name, old)", shift, "release(name, old)")
                return _live("shift-stays", name, (old, {}), *lines)
        for version, made in ((new, "new"), (new, "new"), (old, "old")):
            seen += _watched(release, name, version)
            if shipping.alias(name) != (version, {}):
                lines = ("release(name, old)", "release(name, new)", f"release(name, {made})")
                return _live("stuck", name, (version, {}), *lines)
    return _remade(seen, "release(name, old)", "release(name, new)") or RIGHT


def _watched(made: Callable[..., Any], *given: object) -> list[shipping.Alias]:
    with shipping.watched(str(given[0])) as seen:
        calls.returned(made, *given)
    return seen


def _live(outcome: str, name: str, expected: shipping.Alias, *lines: str) -> Judgment:
    """Return an outcome that shows where `live` is after these lines."""
    cell = _cell(
        "old, new = shipping.two_versions(name)",
        *lines,
        "print(shipping.words(shipping.alias(name)))",
    )
    got = Phrase(shipping.words(shipping.alias(name)))
    return Judgment(outcome, cell, got, Phrase(shipping.words(expected)))


def _remade(seen: list[shipping.Alias], first: str, then: str) -> str:
    """Return the outcome if the alias was gone at any moment."""
    if all(version for version, _ in seen):
        return ""
    cell = _cell(
        "old, new = shipping.two_versions(name)",
        first,
        "with shipping.watched(name) as seen:",
        f"    {then}",
        "print(*map(shipping.words, seen), sep='\\n')",
    )
    wanted = Phrase("an alias that is always there")
    return Judgment("remade", cell, Phrase("no alias `live`, for a moment"), wanted)


def shifted(shift: Callable[..., Any]) -> str:
    """Call their `shift` for several shares; the alias must stay at the old version."""
    with shipping.function("one") as name:
        old, new = shipping.two_versions(name)
        shipping.put_live(name, old)
        for share in (0.25, 0.07, 1.0, 0.0):
            made, then = "shipping.put_live(name, old)", f"shift(name, new, {share})"
            with shipping.watched(name) as seen:
                refused = _refused(shift, name, new, share)
            if not refused and (remade := _remade(seen, made, then)):
                return remade
            if wrong := refused or _wrong_shift(name, old, new, share):
                return _live(wrong, name, (old, {new: share}), made, then)
        return RIGHT


def _wrong_shift(name: str, old: str, new: str, share: float) -> str:
    version, weights = shipping.alias(name)
    if version == new:
        return "all-at-once"
    # A weight of 0 is no weight.
    if weights == {new: share} or (share == 0 and not any(weights.values())):
        return "" if version == old else MISS
    return "rest" if weights == {new: 1 - share} else MISS


def _refused(shift: Callable[..., Any], name: str, new: str, share: float) -> str:
    """Shift; return the mistake that Lambda refuses: a weight above 1, or the alias's version."""
    try:
        calls.returned(shift, name, new, share)
    except NotTestedError as failed:
        error = failed.__cause__
        if not isinstance(error, ClientError) or error.operation_name != "UpdateAlias":
            raise
        if error.response["Error"]["Code"] == "ValidationException":
            return "percent"
        if f"ersion {new}" not in error.response["Error"]["Message"]:
            raise
        return "all-at-once"
    return ""


_TRIES = ("two", shipping.RAISES, "three", shipping.NO_IMPORT)


def safe(deploy_safely: Callable[..., Any]) -> str:
    """Call their `deploy_safely`: good code goes live, broken code in between never does."""
    with shipping.function("one") as name:
        shipping.put_live(name)
        live = "one"
        for number, answer in enumerate(_TRIES, 1):
            is_good = answer not in (shipping.RAISES, shipping.NO_IMPORT)
            live = answer if is_good else live
            if wrong := _deployed(deploy_safely, name, _TRIES[:number], is_good, live):
                return wrong
        return RIGHT


def _deployed(
    deploy_safely: Callable[..., Any], name: str, tries: tuple[str, ...], is_good: bool, live: str
) -> str:
    """Deploy the last of these, after which `live` must return that; return what went wrong."""
    before = shipping.alias(name)
    with shipping.watched(name) as seen:
        said = calls.returned(deploy_safely, name, shipping.code(tries[-1]))
    shipping.settled(name)
    there = shipping.answer_of(name, "live")
    if there != live or said is not is_good:
        outcome = MISS if there == live else "never" if is_good else "untested"
        got, wanted = Phrase(f"{said}, {there}"), Phrase(f"{is_good}, {live}")
        return Judgment(outcome, _deploying(tries), got, wanted)
    moved = [state for state in seen if state != before and not (is_good and state[0])]
    if not moved:
        return ""
    got, wanted = (Phrase(shipping.words(state)) for state in (moved[0], before))
    return Judgment("moved-first", _deploying(tries, watched=True), got, wanted)


def _deploying(tries: tuple[str, ...], *, watched: bool = False) -> str:
    """Return a cell that shows `live` after each of these, or while the last is deployed."""
    deploys = "said = deploy_safely(name, shipping.code(answer))"
    shows = "print(f'{said}, {shipping.answer_of(name, \"live\")}')"
    if watched:
        deploys = f"with shipping.watched(name) as seen:\n            {deploys}"
        shows = "print(*map(shipping.words, seen), sep='\\n')"
    return _cell(
        "shipping.put_live(name)",
        f"for answer in {tries}:",
        f"    {deploys}",
        "    shipping.settled(name)",
        f"    {shows}",
    )


def removed(remove_all: Callable[..., Any]) -> str:
    """Call their `remove_all` with more functions and logs than a page holds, and strangers."""
    with crowd.crowd() as there:
        calls.returned(remove_all, there.prefix)
        left = there.left()
    if left.strangers_gone:
        outcome = "strangers"
    elif still := left.functions or left.logs:
        all_left = MISS if left.functions else "logs"
        outcome = "first-page" if len(still) < crowd.PAGE else all_left
    else:
        return RIGHT
    wanted = Phrase("0 functions and 0 log groups left; gone of others: none")
    return Judgment(outcome, _REMOVE, Phrase(left), wanted)


_REMOVE = """from lambdadeck.labs.crowd import crowd
with crowd() as there:
    remove_all(there.prefix)
    print(there.left())"""
