"""A plan as a table for a slide: each call, each argument, and the line of the .travis.yml that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lambdadeck.dense import Dense
from lambdadeck.travis_plan import Call, Step

_HEADERS = ("call", "argument", "value", "from")


@dataclass(frozen=True)
class Plan:
    """What would happen to each provider of a .travis.yml, call by call; no secret is in it to be shown."""

    steps: tuple[Step, ...]

    @property
    def asked(self) -> dict[str, object]:
        """What the first lambda provider asks of its function, by boto3's names; code and tags apart."""
        call = next((call for step in self.steps for call in step.calls if _configures(call)), None)
        apart = ("Code", "Tags", "Description")
        return {} if call is None else {one.name: one.value for one in call.arguments if one.name not in apart}

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(call, argument, value, where it comes from) for each argument of each call, calls by number."""
        return [row for step in self.steps for row in _rows(step)]

    @property
    def notes(self) -> list[str]:
        """What to know before the calls are made."""
        return [note for step in self.steps for note in step.notes]

    def table(self) -> Dense:
        """The rows as a table; the notes are its caption."""
        return Dense(_HEADERS, self.rows(), "".join(f"{note}. " for note in self.notes).strip())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__


def _configures(call: Call) -> bool:
    return call.operation in ("create_function", "update_function_configuration")


def _rows(step: Step) -> Iterator[tuple[str, str, str, str]]:
    words = "deploys" if step.decision.deploys else "skipped"
    yield step.block.provider, words, step.decision.because, step.decision.origin
    if not step.calls:
        return
    keys = [step.settings[name] for name in ("access_key_id", "secret_access_key", "region")]
    origins = ", ".join(key.origin for key in keys)
    yield "client", "keys, region", ", ".join(key.shown for key in keys), origins.replace(", line", ",").replace("line", "lines", 1)
    for number, call in enumerate(step.calls, 1):
        for place, one in enumerate(call.arguments):
            yield "" if place else f"{number} {call.operation}", one.name, one.shown, one.origin
