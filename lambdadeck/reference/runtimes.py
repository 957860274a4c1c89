"""Lambda's managed runtimes: their languages, and the dates of their life cycle."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lambdadeck.shared.paths import ASSETS

TABLE = ASSETS / "runtimes" / "lambda_runtimes.csv"
SOURCE = "Looked up. Identifiers: the SDK. Dates: cfn-lint 1.58.0, 2026-10-20, as of 2026-11-23."
LANGUAGES = {  # by the beginning of an identifier
    "java": "Java",
    "nodejs": "Node.js",
    "python": "Python",
    "dotnet": "C# (.NET)",
    "ruby": "Ruby",
    "go": "Go",
    "provided": "any other",
    "custom": "any other",
}


@dataclass(frozen=True)
class Runtime:
    """A runtime identifier and its life cycle; an unknown date is None.

    `deprecated` ends AWS's support; from `create_block` on no function can be created with it,
    from `update_block` on none can be updated.
    """

    identifier: str
    deprecated: dt.date | None
    create_block: dt.date | None
    update_block: dt.date | None
    source: str

    @property
    def language(self) -> str:
        """Return the language by its usual name; for a new kind, the identifier."""
        return language(self.identifier)

    def supported(self, on: dt.date) -> bool | None:
        """Return if AWS supports it on that day; None if no life-cycle date is known."""
        return None if self.deprecated is None else on < self.deprecated


def language(identifier: str) -> str:
    """Return the language of a runtime identifier by its usual name (nodejs24.x: Node.js)."""
    names = (name for start, name in LANGUAGES.items() if identifier.startswith(start))
    return next(names, identifier)


def version(identifier: str) -> list[int]:
    """Return the numbers in a runtime identifier, to compare those of one language."""
    return [int(number) for number in re.findall(r"\d+", identifier)]


def newest(runtime: str, *, today: dt.date | None = None) -> str:
    """Return the newest runtime of the same language that AWS supports that day.

    One without a life-cycle date is not known to be supported. Raise ValueError if none is.
    """
    kind, day = language(runtime), today or dt.date.today()
    names = [name for name, one in table().items() if one.language == kind and one.supported(day)]
    if not names:
        sentence = f"No runtime of {kind} is known to be supported on {day}"
        raise ValueError(f"{sentence}, so none can replace {runtime}.")
    return max(names, key=version)


def table() -> dict[str, Runtime]:
    """Return every runtime of the table, by identifier."""
    with TABLE.open(newline="", encoding="utf-8") as rows:
        return {row["runtime"]: _runtime(row) for row in csv.DictReader(rows)}


def lookup(identifiers: Iterable[str]) -> list[Runtime]:
    """Return the runtimes of these identifiers; one that the table lacks has no dates."""
    known, unknown = table(), (None, None, None, "not in our table")
    return [known.get(name) or Runtime(name, *unknown) for name in identifiers]


def by_language(
    identifiers: Iterable[str], *, today: dt.date | None = None
) -> list[dict[str, str]]:
    """Return a row a language: supported on that day, count of deprecated, the next date.

    The order is that of LANGUAGES; an unknown life cycle counts as neither.
    """
    today = today or dt.date.today()
    found = lookup(identifiers)
    order = list(dict.fromkeys([*LANGUAGES.values(), *(item.language for item in found)]))
    groups = {name: [item for item in found if item.language == name] for name in order}
    return [_row(name, group, today) for name, group in groups.items() if group]


def life_cycle(identifiers: Iterable[str]) -> list[dict[str, str]]:
    """Return a row a runtime: the end of its support, and the blocks of creating and updating."""
    return [
        {
            "runtime": item.identifier,
            "language": item.language,
            "support ended": _date(item.deprecated),
            "no new function from": _date(item.create_block),
            "no update from": _date(item.update_block),
        }
        for item in lookup(identifiers)
    ]


def _row(name: str, group: list[Runtime], today: dt.date) -> dict[str, str]:
    supported = [item for item in group if item.supported(today)]
    ends = min((item.deprecated for item in supported if item.deprecated), default=None)
    unknown = [item for item in group if item.supported(today) is None]
    return {
        "language": name,
        "supported": ", ".join(_short(item.identifier) for item in supported) or "none",
        "deprecated": str(sum(item.supported(today) is False for item in group)),
        "next to go": _date(ends) if ends else "none",
        "no date known": ", ".join(_short(item.identifier) for item in unknown),
    }


def _short(identifier: str) -> str:
    """Return the identifier without the language, which its row names."""
    return re.sub("^(java|nodejs|python|dotnet(core)?|ruby)", "", identifier)


def _date(day: dt.date | None) -> str:
    return day.isoformat() if day else "not known"


def _runtime(row: Mapping[str, str]) -> Runtime:
    days = {
        name: dt.date.fromisoformat(row[name]) if row[name] else None
        for name in ("deprecated", "create_block", "update_block")
    }
    return Runtime(identifier=row["runtime"], source=row["source"], **days)
