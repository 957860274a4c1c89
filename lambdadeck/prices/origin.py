"""The origin of prices in words: region, date, and source, and a warning if they are old."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lambdadeck import prices

Priced: TypeAlias = prices.LambdaPrice | prices.Ec2Price
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
    """The corner text of a figure, and a warning ("" if every price is fresh)."""

    data: str
    warning: str = ""

    @property
    def text(self) -> str:
        """Return both in one line, for alternative text."""
        return f"{self.data}. Note: {self.warning}." if self.warning else self.data


def origin(place: str, today: dt.date | None = None, **priced: Iterable[Priced]) -> Origin:
    """Name the source and date of each kind of price: `origin(place, aws_lambda=[...], ec2=[...])`.

    A source that gives no day is dated "about". Prices over 180 days old on `today` (None: the
    clock's day) give a warning with the age of the oldest row.
    """
    kinds = {
        {"aws_lambda": "Lambda", "ec2": "EC2"}.get(kind, kind): list(rows)
        for kind, rows in priced.items()
    }
    sources = _distinct([f"{kind} {_source(row)}" for kind, rows in kinds.items() for row in rows])
    warnings = [_warning(kind, rows, today) for kind, rows in kinds.items()]
    return Origin(" · ".join([f"{place}, US$", *sources]), "; ".join(filter(None, warnings)))


def chosen(free_tier: bool, fleet: Mapping[str, object]) -> str:
    """Return in words the options of both bills, and what EC2's leaves out."""
    given = {name: value for name, value in fleet.items() if value is not None}
    flags = [words for (name, value), words in _FLAGS.items() if given.get(name) is value]
    plain = {name: value for name, value in given.items() if not isinstance(value, bool)}
    values = [f"{name.replace('_', ' ')} {value}" for name, value in plain.items()]
    rate = [] if given.keys() & {"discount", "usd_per_hour"} else ["Linux on demand"]
    left_out = [words for names, words in _LEFT_OUT.items() if not given.keys() & set(names)]
    ec2 = ", ".join([*rate, *flags, *values, *left_out])
    return f"{'free tier used' if free_tier else 'no free tier'}; EC2 {ec2}"


def _distinct(sources: Iterable[str]) -> list[str]:
    """Return each source once, in its longest wording."""
    once = dict.fromkeys(sources)
    return [text for text in once if sum(other.startswith(text) for other in once) == 1]


def _source(row: Priced) -> str:
    about = "about " if "undated" in row.as_of_note else ""
    return f"{about}{row.as_of.isoformat()}: {row.source.split(';')[0]}"


def _warning(kind: str, rows: Iterable[Priced], today: dt.date | None) -> str:
    old = [row for row in rows if prices.is_stale(row.as_of, today)]
    if not old:
        return ""
    note = prices.stale_note(min(row.as_of for row in old), today)
    if len(old) < len(list(rows)):
        some = ", ".join(dict.fromkeys(row.region for row in old))
        note = note.replace("prices", f"prices of {some}", 1)
    return f"{kind} {note}"
