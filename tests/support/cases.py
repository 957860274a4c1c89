"""Many static cases in one test: pytest's cost of an item is paid once, all failures are named."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable

import pytest


def each(
    names: str | tuple[str, ...], cases: Iterable[object]
) -> Callable[..., Callable[..., None]]:
    """Run the test for each case in one item, as parametrize does in many; report all that fail.

    The fixtures of the test are shared by its cases.
    """
    keys = (names,) if isinstance(names, str) else names
    rows = [(case,) if isinstance(names, str) else case for case in cases]
    assert rows, "there is no case"

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        def loop(**fixtures: object) -> None:
            failures = []
            for row in rows:
                values = dict(zip(keys, row, strict=True))
                try:
                    test(**fixtures, **values)
                except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 (all are reported)
                    failures.append(f"{str(values)[:300]}: {type(error).__name__}: {error}")
            assert not failures, f"{len(failures)} of {len(rows)} failed:\n" + "\n".join(failures)

        found = inspect.signature(test)
        fixtures = [one for name, one in found.parameters.items() if name not in keys]
        loop.__signature__ = found.replace(parameters=fixtures)  # type: ignore[attr-defined]  # read by pytest
        loop.__name__, loop.__doc__, loop.__module__ = test.__name__, test.__doc__, test.__module__
        return loop

    return decorate
