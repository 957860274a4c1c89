"""The figure of the triggers: events that arrive at one function, on one time line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from matplotlib.axes import Axes

from lambdadeck.figures.base import Figure, Table, figure
from lambdadeck.figures.labels import Look, note, paper, settle
from lambdadeck.prices.origin import Origin
from lambdadeck.shared import style

_LABEL_PX = 6  # between a bar and its words


class TriggerEvent(Protocol):
    """An event: its trigger, the user's act (seconds since 1970), ms from there to the handler."""

    @property
    def trigger(self) -> str: ...
    @property
    def did(self) -> str: ...
    @property
    def replayed(self) -> bool: ...
    @property
    def fired_s(self) -> float: ...
    @property
    def ms(self) -> float | None: ...
    @property
    def how(self) -> str:
        """Return FIRED, REPLAYED or FAILED."""


def trigger_timeline(
    arrivals: Sequence[TriggerEvent],
    *,
    where: str = "measured on this machine",
    size: tuple[float, float] = (11.0, 4.5),
    today: date | None = None,
) -> Figure:
    """Draw a row for each event, a bar from the user's act to the handler; replayed ones hatched.

    Times are ms since the first act; `size` is in inches. ValueError if no event arrived.
    """
    came = sorted((one for one in arrivals if one.ms is not None), key=lambda one: one.fired_s)
    if not came:
        fire = "arrivals = triggers.fire_all()"
        raise ValueError(f"No event arrived, so there is nothing to draw: {fire}.")
    title, how = _title(came), "a bar runs from the user's act to the handler"
    return figure(
        title=title,
        alt=f"Time line of {len(came)} events. {title}. {_sentence(came)}",
        how_to_read=f"{how}; hatched, the documented event was sent.",
        table=_table(came),
        where=Origin(f"{where} · {today or date.today()} · one function, one clock"),
        draw=lambda axes: _draw(axes, came),
        size=size,
    )


def _title(came: Sequence[TriggerEvent]) -> str:
    slowest = max(came, key=_took)
    replayed = sum(one.replayed for one in came)
    more = f", {replayed} replayed" if replayed else ""
    last = f"the slowest, {slowest.trigger}, took {_took(slowest):.0f} ms"
    return f"{len(came)} events, one function{more}; {last}"


def _sentence(came: Sequence[TriggerEvent]) -> str:
    return "; ".join(f"{one.trigger} {_took(one):.0f} ms, {one.how}" for one in came) + "."


def _table(came: Sequence[TriggerEvent]) -> Table:
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


def _draw(axes: Axes, came: Sequence[TriggerEvent]) -> None:
    colors, last = style.palette(), max(_act(one, came) + _took(one) for one in came)
    for row, one in enumerate(came):
        fill, hatch = (colors.paper, style.HATCH) if one.replayed else (colors.aws_lambda, None)
        look: Look = {"facecolor": fill, "edgecolor": colors.aws_lambda, "hatch": hatch}
        axes.barh(row, _took(one), left=_act(one, came), **look)
        _name(axes, row, one, came, last)
    axes.set(xlim=(0, last * 1.02), ylim=(len(came) - 0.4, -0.6), yticks=[])
    axes.set_xlabel("ms since the first act")
    axes.grid(False, axis="y")
    axes.spines["left"].set_visible(False)
    settle(axes)


def _name(
    axes: Axes, row: int, one: TriggerEvent, came: Sequence[TriggerEvent], last: float
) -> None:
    """Write trigger and time beside the bar, on the side with room."""
    start, end = _act(one, came), _act(one, came) + _took(one)
    to_the_right = end < last * 0.6
    words = f"{one.trigger}  {_took(one):.0f} ms" + (", REPLAYED" if one.replayed else "")
    point, side = (end if to_the_right else start, row), 1 if to_the_right else -1
    away = (side * style.points(_LABEL_PX), 0)
    ha = "left" if to_the_right else "right"
    note(axes, point, words, away, ha=ha, bbox=paper(0.05), fontweight="normal")


def _act(one: TriggerEvent, came: Sequence[TriggerEvent]) -> float:
    return (one.fired_s - came[0].fired_s) * 1000


def _took(one: TriggerEvent) -> float:
    assert one.ms is not None
    return one.ms
