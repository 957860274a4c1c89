"""Numbers as people type them ("12.4 million", "87 ms", "1,536 MB") and as a panel shows them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# By kind: a unit's whole multiple and power of ten; the first is the one that is shown.
UNITS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "count": {
        "": (1, 0),
        "k": (1, 3),
        "thousand": (1, 3),
        "m": (1, 6),
        "million": (1, 6),
        "bn": (1, 9),
        "billion": (1, 9),
    },
    "ms": {
        "ms": (1, 0),
        "": (1, 0),
        "s": (1, 3),
        "seconds": (1, 3),
        "min": (60, 3),
        "minutes": (60, 3),
    },
    "mb": {"mb": (1, 0), "": (1, 0), "mib": (1, 0), "gb": (1024, 0), "gib": (1024, 0)},
    "times": {"×": (1, 0), "": (1, 0), "x": (1, 0), "times": (1, 0)},
    "share": {"%": (1, -2), "": (1, -2), "percent": (1, -2)},
    "whole": {"": (1, 0)},
}
# Digits, in groups of three or not; a comma elsewhere is a mistake, not a decimal point.
NUMBER = (
    r"^\s*((?:[0-9]{1,3}(?:[,_ \u00a0\u202f][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?:e([+-]?[0-9]{1,3}))?\s*([a-z%×]*)\s*$"
)


@dataclass(frozen=True)
class Quantity:
    """A number of the panel: its label, its kind (see `UNITS`), its limits, its slider's steps."""

    label: str
    kind: str
    least: float
    most: float
    choices: tuple[float, ...]
    example: str

    def read(self, text: str) -> float:
        """Return the number that `text` says; ValueError tells what to type instead."""
        found = re.match(NUMBER, text.lower())
        units = UNITS[self.kind]
        if not found or found[3] not in units:
            raise ValueError(f'{self.label}: cannot read "{text}". Type {self.example}.')
        multiple, power = units[found[3]]
        digits = re.sub(r"[,_ \u00a0\u202f]", "", found[1])
        value = float(f"{digits}e{int(found[2] or 0) + power}") * multiple
        if self.allows(value):
            return value
        span = f"{self.show(self.least)} to {self.show(self.most)}"
        raise ValueError(f'{self.label}: "{text}" is outside of {span}.')

    def allows(self, value: float) -> bool:
        """Return if the number is within the limits, and whole if parts make no sense."""
        is_whole = self.kind not in ("count", "mb", "whole") or float(value).is_integer()
        return self.least <= value <= self.most and is_whole

    def show(self, value: float) -> str:
        """Return the number in words that `read` takes back without loss."""
        if self.kind == "count":
            return _count(value)
        if self.kind == "ms":
            seconds = _short(value / 1000)
            is_exact = value >= 1000 and float(seconds.replace(",", "") + "e3") == value
            return f"{seconds} s" if is_exact else f"{_short(value)} ms"
        if self.kind == "share":
            return f"{_short(round(value * 100, 6))}%"
        return _short(value) + {"mb": " MB", "times": " ×", "whole": ""}[self.kind]


def _count(value: float) -> str:
    for power, word in ((9, "billion"), (6, "million")):
        scaled = round(value / 10**power, 3)
        if scaled >= 1 and float(f"{scaled!r}e{power}") == value:
            return f"{_short(scaled)} {word}"
    return _short(value)


def _short(value: float) -> str:
    """Return the fewest digits that are this number, in groups of three."""
    return f"{int(value):,}" if value == int(value) else f"{value:,}"
