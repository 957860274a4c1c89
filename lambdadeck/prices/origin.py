"""Where a figure's prices come from: region, date and source for its corner, and a warning when they are old."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lambdadeck import prices


class Priced(Protocol):
    """A row of a price table."""

    @property
    def region(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def as_of(self) -> dt.date: ...
    @property
    def as_of_note(self) -> str: ...


_FLAGS = {
    ("burst_baseline", True): "burstable at its baseline",
    ("burst_baseline", False): "as if it could burst all month",
}
_LEFT_OUT = {
    ("utilization",): "filled to 100%",
    ("peak_factor",): "no peak",
    ("min_instances", "spare"): "no spare",
    ("load_balancer",): "no load balancer",
}


@dataclass(frozen=True)
class Origin:
    """The corner text of a figure, and what to warn of ("" when every price is fresh)."""

    data: str
    warning: str = ""

    @property
    def text(self) -> str:
        """Both in one line, for who cannot see the corner."""
        return f"{self.data}. Mind: {self.warning}." if self.warning else self.data


def origin(place: str, today: dt.date | None = None, **priced: Iterable[Priced]) -> Origin:
    """Name the source and date of each kind of price: `origin("eu-west-1", aws_lambda=[...], ec2=[...])`.

    A source that gives no day is dated "about"; prices older than 180 days on `today` (the clock's day when None) are
    warned of, by their oldest row.
    """
    kinds = {
        {"aws_lambda": "Lambda", "ec2": "EC2"}.get(kind, kind): list(rows)
        for kind, rows in priced.items()
    }
    sources = _distinct([f"{kind} {_source(row)}" for kind, rows in kinds.items() for row in rows])
    warnings = [_warning(kind, rows, today) for kind, rows in kinds.items()]
    return Origin(" · ".join([f"{place}, US$", *sources]), "; ".join(filter(None, warnings)))


def chosen(free_tier: bool, fleet: Mapping[str, object]) -> str:
    """The options behind both bills in words, for the corner, and what EC2's leaves out: none may act unseen."""
    given = {name: value for name, value in fleet.items() if value is not None}
    flags = [words for (name, value), words in _FLAGS.items() if given.get(name) is value]
    values = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in given.items()
        if not isinstance(value, bool)
    ]
    rate = [] if given.keys() & {"discount", "usd_per_hour"} else ["Linux on demand"]
    left_out = [words for names, words in _LEFT_OUT.items() if not given.keys() & set(names)]
    return f"{'free tier used' if free_tier else 'no free tier'}; EC2 {', '.join([*rate, *flags, *values, *left_out])}"


def _distinct(sources: Iterable[str]) -> list[str]:
    """Each source once, in its longest wording."""
    once = list(dict.fromkeys(sources))
    return [
        text for text in once if not any(other != text and other.startswith(text) for other in once)
    ]


def _source(row: Priced) -> str:
    about = "about " if "undated" in row.as_of_note else ""
    return f"{about}{row.as_of.isoformat()}: {row.source.split(';')[0]}"


def _warning(kind: str, rows: Iterable[Priced], today: dt.date | None) -> str:
    old = [row for row in rows if prices.is_stale(row.as_of, today)]
    if not old:
        return ""
    note = prices.stale_note(min(row.as_of for row in old), today)
    some = (
        ""
        if len(old) == len(list(rows))
        else f" of {', '.join(dict.fromkeys(row.region for row in old))}"
    )
    return f"{kind} {note}" if not some else f"{kind} {note.replace('prices', f'prices{some}', 1)}"
