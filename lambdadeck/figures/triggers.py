"""The figure of the triggers: events arriving at one function, on one time line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from matplotlib.axes import Axes

from lambdadeck.figures.base import Figure, frame
from lambdadeck.figures.labels import settle
from lambdadeck.shared import style

_LABEL_PX = 6  # between a bar and its words


class Arrival(Protocol):
    """One event: which trigger, when the user acted (seconds since 1970), how many ms later the handler had it."""

    trigger: str
    did: str
    replayed: bool
    fired_s: float
    ms: float | None

    @property
    def how(self) -> str:
        """FIRED, REPLAYED or FAILED."""


@style.styled
def trigger_timeline(
    arrivals: Sequence[Arrival],
    *,
    where: str = "measured on this machine",
    size: tuple[float, float] = (11.0, 4.5),
    today: date | None = None,
) -> Figure:
    """A row for each event, a bar from the user's act to the handler, on one clock; replayed ones hatched.

    Times are ms since the first act; `size` is in inches. ValueError when no event arrived.
    """
    came = sorted((one for one in arrivals if one.ms is not None), key=lambda one: one.fired_s)
    if not came:
        raise ValueError(
            "No event arrived, so there is nothing to draw: arrivals = triggers.fire_all()."
        )
    title, how = (
        _title(came),
        "How to read: a bar runs from the user's act to the handler; hatched, the documented event was sent.",
    )
    data = f"{where} · {(today or date.today()).isoformat()} · one function, one clock"
    axes = frame(title, how, data, size=size)
    _draw(axes, came)
    alt = f"Time line of {len(came)} events. {title}. {_sentence(came)}"
    return Figure(axes.figure, title, alt, how, _table(came), data)


def _title(came: Sequence[Arrival]) -> str:
    slowest = max(came, key=_took)
    replayed = sum(one.replayed for one in came)
    more = f", {replayed} replayed" if replayed else ""
    return f"{len(came)} events, one function{more}; the slowest, {slowest.trigger}, took {_took(slowest):.0f} ms"


def _sentence(came: Sequence[Arrival]) -> str:
    return "; ".join(f"{one.trigger} {_took(one):.0f} ms, {one.how}" for one in came) + "."


def _table(came: Sequence[Arrival]) -> tuple[tuple[str, ...], list[tuple]]:
    headers = ("trigger", "the user", "act (ms)", "handler (ms)", "took (ms)", "how")
    return headers, [
        (
            one.trigger,
            one.did,
            round(_act(one, came), 1),
            round(_act(one, came) + _took(one), 1),
            round(_took(one), 1),
            one.how,
        )
        for one in came
    ]


def _draw(axes: Axes, came: Sequence[Arrival]) -> None:
    colours, last = style.palette(), max(_act(one, came) + _took(one) for one in came)
    for row, one in enumerate(came):
        look = (
            {"facecolor": colours.paper, "hatch": style.HATCH}
            if one.replayed
            else {"facecolor": colours.aws_lambda}
        )
        axes.barh(
            row, _took(one), left=_act(one, came), height=0.8, edgecolor=colours.aws_lambda, **look
        )
        _name(axes, row, one, came, last)
    axes.set(
        xlim=(0, last * 1.02),
        ylim=(len(came) - 0.4, -0.6),
        xlabel="ms since the first act",
        yticks=[],
    )
    axes.grid(False, axis="y")
    axes.spines["left"].set_visible(False)
    settle(axes)


def _name(axes: Axes, row: int, one: Arrival, came: Sequence[Arrival], last: float) -> None:
    """Write trigger and time beside the bar, on the side where there is room."""
    start, end = _act(one, came), _act(one, came) + _took(one)
    to_the_right = end < last * 0.6
    words = f"{one.trigger}  {_took(one):.0f} ms" + (", REPLAYED" if one.replayed else "")
    axes.annotate(
        words,
        (end if to_the_right else start, row),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
        xytext=(style.points(_LABEL_PX) * (1 if to_the_right else -1), 0),
        ha="left" if to_the_right else "right",
        bbox={
            "boxstyle": "square,pad=0.05",
            "facecolor": style.palette().paper,
            "edgecolor": "none",
        },
    )


def _act(one: Arrival, came: Sequence[Arrival]) -> float:
    return (one.fired_s - came[0].fired_s) * 1000


def _took(one: Arrival) -> float:
    assert one.ms is not None
    return one.ms
