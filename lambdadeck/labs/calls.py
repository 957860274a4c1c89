"""Call the learner's Python as a check does: with copies, twice, whatever types it returns."""

import asyncio
import copy
import inspect
import math
import numbers
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from lambdadeck.labs.model import MISS, RIGHT, Judgment
from lambdadeck.labs.probes import NotTestedError, shortened, source

# The places of the labs' parameters, for functions that take them by keyword in another order.
_PLACES = (
    {"shots", "per_minute", "reports", "per_second", "name", "call"},
    {"at_ms", "duration_ms", "limit_ms", "peak", "code", "version", "new", "wait"},
    {"seconds", "share"},
    {"at_once"},
)
_IMPORTS = {  # what the repr of an argument needs
    "Shot": "from lambdadeck.burst import Shot",
    "Report": "from lambdadeck.report import Report",
}
Formulas = Sequence[tuple[str, Callable[..., Any]]]  # outcomes of a check: right and usual mistakes


def returned(made: Callable[..., Any], *given: object) -> Any:
    """Call the learner's Python function; raise NotTestedError naming its error."""
    if not callable(made):
        said = f"The check needs your function itself, without parentheses, not {shortened(made)}."
        raise NotTestedError(said)
    try:
        return called(made, *given)
    except NameError as error:
        raise NotTestedError(
            f"Your function raised NameError: {error}. Run the cells above it first: a kernel that "
            "was restarted has forgotten what they made."
        ) from error
    except Exception as error:
        raise NotTestedError(
            f"Your function raised {type(error).__name__}: {error}. "
            f"The check had called it with ({', '.join(map(shortened, given))})."
        ) from error


def called(made: Callable[..., Any], *given: object) -> Any:
    """Call a function, keyword-only or async too; a generator's result is a list."""
    result = _bound(made, given)
    if inspect.isawaitable(result):
        result = _awaited(result)
    return list(result) if _is_one_shot(result) else result


def differs(
    made: Callable[..., Any], given: Sequence[Any], expected: object, outcome: str = MISS
) -> str:
    """Call it twice with one copy of the arguments; return the outcome if a result is not right."""
    once, again = _twice(made, given)
    for result in (once, again):
        if not same(result, expected):
            return missed(outcome, made, given, result, expected)
    return ""


def outcome(made: Callable[..., Any], cases: Sequence[Sequence[Any]], formulas: Formulas) -> str:
    """Return the first formula that agrees with the learner's Python in all cases, else MISS."""
    told = [_twice(made, case) for case in cases]
    for name, formula in formulas:
        known = [formula(*case) for case in cases]
        if all(
            same(first, value) and same(again, value)
            for (first, again), value in zip(told, known, strict=True)
        ):
            return name if name == RIGHT else _first_miss(name, made, cases, formulas[0][1], told)
    return _first_miss(MISS, made, cases, formulas[0][1], told)


def missed(
    outcome: str, made: Callable[..., Any], given: Sequence[Any], result: object, expected: object
) -> Judgment:
    """Return an outcome with the call that shows it."""
    call = source(getattr(made, "__name__", "your_function"), *given)
    imports = [line for name, line in _IMPORTS.items() if f"{name}(" in call]
    return Judgment(outcome, "\n".join([*imports, call]), result, expected)


def same(told: object, known: object) -> bool:
    """Compare numbers of any type by value, sequences of any type by their items."""
    if _is_number(told) and _is_number(known):
        return math.isclose(float(told), float(known), rel_tol=1e-6)  # type: ignore[arg-type]  # both are numbers
    if isinstance(known, list) and _is_listed(told):
        items = list(told)  # type: ignore[call-overload]  # _is_listed
        return len(items) == len(known) and all(map(same, items, known))
    return bool(told == known)


def _bound(made: Callable[..., Any], given: Sequence[object]) -> Any:
    try:
        parameters = inspect.signature(made).parameters.values()
    except (TypeError, ValueError):  # some callables of C have none
        return made(*given)
    positional = [each for each in parameters if each.kind != each.KEYWORD_ONLY]
    named = [each.name for each in parameters if each.kind == each.KEYWORD_ONLY]
    if any(each.kind == each.VAR_POSITIONAL for each in positional) or not named:
        return made(*given)
    named.sort(key=_place)
    rest = dict(zip(named, given[len(positional) :], strict=False))  # some may have defaults
    return made(*given[: len(positional)], **rest)


def _place(name: str) -> int:
    return next((place for place, names in enumerate(_PLACES) if name in names), len(_PLACES))


def _awaited(result: Any) -> Any:
    async def wait() -> Any:
        return await result

    with ThreadPoolExecutor(1) as thread:  # a notebook's own thread has a running loop
        return thread.submit(asyncio.run, wait()).result()


def _twice(made: Callable[..., Any], given: Sequence[Any]) -> tuple[Any, Any]:
    own = copy.deepcopy(list(given))
    return returned(made, *own), returned(made, *own)


def _first_miss(
    name: str, made: Callable[..., Any], cases: Sequence[Any], right: Callable[..., Any], told: Any
) -> Judgment:
    for case, results in zip(cases, told, strict=True):
        expected = right(*case)
        for result in results:
            if not same(result, expected):
                return missed(name, made, case, result, expected)
    raise AssertionError("A formula that is not right differs from the right one in some case.")


def _is_number(value: object) -> bool:
    if isinstance(value, (numbers.Real, Decimal)):
        return True
    return hasattr(value, "__float__") and getattr(value, "ndim", 0) == 0


def _is_listed(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, dict, set, frozenset))


def _is_one_shot(value: object) -> bool:
    return _is_listed(value) and iter(value) is value  # type: ignore[call-overload]  # _is_listed
