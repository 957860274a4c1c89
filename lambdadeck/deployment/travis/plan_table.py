"""A plan as a table for a slide: each call, each argument, and the line of the .travis.yml that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lambdadeck.deployment.travis.plan import Call, Step
from lambdadeck.shared.table import CompactTable

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
        return (
            {}
            if call is None
            else {one.name: one.value for one in call.arguments if one.name not in apart}
        )

    def beside(self, running: Mapping[str, object]) -> CompactTable:
        """What the plan asks beside a function's configuration, as get_function_configuration answers it."""
        rows = [
            (
                name,
                text(asked),
                "same"
                if running.get(name) == asked
                else f"{text(running.get(name, '–'))}: differs",
            )
            for name, asked in self.asked.items()
        ]
        return CompactTable(("setting", "asked", "runs"), rows)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(call, argument, value, where it comes from) for each argument of each call, calls by number."""
        return [row for step in self.steps for row in _rows(step)]

    @property
    def notes(self) -> list[str]:
        """What to know before the calls are made."""
        return [note for step in self.steps for note in step.notes]

    def table(self) -> CompactTable:
        """The rows as a table; the notes are its caption."""
        return CompactTable(
            _HEADERS, self.rows(), "".join(f"{note}. " for note in self.notes).strip()
        )

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    def __str__(self) -> str:
        return str(self.table())

    __repr__ = __str__


def text(value: object) -> str:
    """A value of boto3's in a few words."""
    return (
        ", ".join(f"{key} {item}" for key, item in value.items())
        if isinstance(value, Mapping)
        else str(value)
    )


def _configures(call: Call) -> bool:
    return call.operation in ("create_function", "update_function_configuration")


def _rows(step: Step) -> Iterator[tuple[str, str, str, str]]:
    words = "deploys" if step.decision.deploys else "skipped"
    yield step.block.provider, words, step.decision.because, step.decision.origin
    if not step.calls:
        return
    key, secret, region = (
        step.settings[name] for name in ("access_key_id", "secret_access_key", "region")
    )
    yield "client", "keys", f"{key.shown}, {secret.shown}", f"lines {key.line}, {secret.line}"
    yield "", "region", region.shown, region.origin
    for number, call in enumerate(step.calls, 1):
        for place, one in enumerate(call.arguments):
            yield "" if place else f"{number} {call.operation}", one.name, one.shown, one.origin
