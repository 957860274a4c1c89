"""Figures of a page that runs, as SVG: a page has no matplotlib, but the same numbers and words."""

import datetime as dt
import html
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lambdadeck.export.figure_markup import figure
from lambdadeck.shared.rollout import Phase, Rollout, VersionedCall, rollout
from lambdadeck.shared.table import for_slide
from lambdadeck.shared.timeline import BurstInvocation, Group, Timeline, timeline

FIGURES = ("burst_timeline", "shift")  # of `lambdadeck.figures`
WIDTH, HEIGHT = 1152, 436  # below a printed line on a slide
_LEFT, _RIGHT, _AXIS = 6, 1122, 400  # ends of the axis, and its height
_TOP, _HEADING, _TALLEST = 44, 32, 44  # of the rows; a heading's and at most a row's height
_NAMES, _FIRST = 116, 96  # of the versions: room for a name, and where the first one's marks begin
_HIGH, _APART = 74, 132  # of a version: its marks, and to the next
_STRIPES = "M -2 11 L 11 -2 M -2 2 L 2 -2 M 7 11 L 11 7"
_HATCH = (
    '<defs><pattern id="drawn-hatch" patternUnits="userSpaceOnUse" width="9" height="9">'
    f'<path style="stroke:var(--cold);stroke-width:2" d="{_STRIPES}"/></pattern></defs>'
)


@dataclass(frozen=True)
class Drawing:
    """A figure of a page that runs: its words as `figures.Figure` has them, and its SVG."""

    words: Mapping[str, Any]
    svg: str
    number: str = ""

    def _repr_html_(self) -> str:
        return figure(self.words, self.svg)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        return {"text/html": self._repr_html_()}, for_slide(self.number)


def burst_timeline(
    shots: Sequence[BurstInvocation], *, where: str = "BROWSER, this page", number: str = ""
) -> Drawing:
    """Draw a row for each environment, a bar for each invocation; INIT is hatched.

    A page has room for few environments. It refuses more calls than that, and boto3 tries them
    again: a thin line is that wait. ValueError without an invocation.
    """
    burst = timeline(shots)
    waited = len(burst.shots) > len(burst.rows)
    at_once = f"{len(burst.rows)} at once in this page" if waited else burst.number
    wait = ", a thin line a wait" if waited else ""
    how = f"One row is one environment, one bar one call{wait}; ms since the first request."
    scale = (_RIGHT - _LEFT) / burst.axis_ms
    parts = [*_axis(burst.axis_ms, _LEFT, _TOP - 6), *_groups(burst, scale)]
    words = _words(burst, where, "time as the caller saw it")
    return Drawing(words, _svg(burst.alt, how, parts), number or at_once)


def shift(calls: Sequence[VersionedCall], *, where: str = "BROWSER, this page") -> Drawing:
    """Draw a row for each version, a mark for each call; lines where the weights changed.

    ValueError without a call.
    """
    found = rollout(calls)
    how = "Each mark is one call, in the row of the version that answered it."
    parts = [*_axis(found.calls, _NAMES), *_versions(found), *_phases(found)]
    name, middle = "calls through the alias, in order", (_NAMES + _RIGHT) / 2
    parts.append(_text(middle, HEIGHT + 28, name, "muted", text_anchor="middle"))
    words = _words(found, where, "ExecutedVersion of each Invoke")
    return Drawing(words, _svg(found.alt, how, parts, HEIGHT + 36))


def _words(found: Timeline | Rollout, where: str, how: str) -> dict[str, Any]:
    """Return what a figure says: its finding, its numbers, where and when it was measured."""
    headers, rows = found.table
    today = dt.date.today()
    return {
        "title": found.title,
        "table": {"headers": headers, "rows": rows},
        "data": f"{where} · {today} · {how}",
        "source": f"{where.split(' (')[0]} · {today}",
    }


# ---- parts of every figure ----


def _svg(description: str, how_to_read: str, parts: Iterable[str], height: int = HEIGHT) -> str:
    content = "".join([_HATCH, _text(0, 24, how_to_read, "muted"), *parts])
    words = html.escape(description)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{words}">{content}</svg>'


def _text(x: float, y: float, words: str, color: str = "ink", **look: object) -> str:
    style = "".join(f";{name.replace('_', '-')}:{value}" for name, value in look.items())
    style = f"font-size:24px;fill:var(--{color}){style}"
    return f'<text x="{x:.1f}" y="{y:.1f}" style="{style}">{html.escape(words)}</text>'


def _box(x: float, y: float, width: float, height: float, look: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} style="{look}"/>'


def _axis(most: float, left: float, grid: float = _AXIS) -> Iterator[str]:
    """Yield the axis from 0 to `most`, with numbers, and lines up to the height `grid`."""
    for number in _ticks(most):
        x, anchor = left + (_RIGHT - left) * number / most, "middle" if number else "start"
        yield _box(x - 0.5, grid, 1, _AXIS + 6 - grid, "fill:var(--line)")
        yield _text(x, _AXIS + 32, f"{number:,}", "muted", text_anchor=anchor)
    yield _box(left, _AXIS, _RIGHT - left, 1, "fill:var(--muted)")


def _ticks(most: float) -> range:
    """Return four to nine round numbers from 0 on; fewer below 4."""
    power = 10 ** max(0, math.floor(math.log10(most / 4)))
    step = next((power * times for times in (1, 2, 5) if most / (power * times) < 9), power * 10)
    return range(0, math.floor(most) + 1, step)


# ---- a burst ----


def _groups(burst: Timeline, scale: float) -> Iterator[str]:
    """Yield each group's heading and the bars below it, warm ones first; a ms has `scale` px."""
    groups, top = list(burst.groups()), float(_TOP)
    room = _AXIS - _TOP - 6 - _HEADING * len(groups)
    height = min(_TALLEST, room / len(burst.rows))
    for group in groups:
        color = "cold" if group.cold else "lambda"
        yield _text(_LEFT, top + 22, group.heading, color, font_weight=600)
        places = {name: top + _HEADING + height * at for at, name in enumerate(group.names)}
        yield from _bars(group, burst.first_ms, places, height, scale)
        top += _HEADING + height * len(group.names)


def _bars(
    group: Group, first_ms: float, places: Mapping[str, float], height: float, scale: float
) -> Iterator[str]:
    """Yield the invocations of a group, all waits below all handlers, and the end of the last."""
    handlers = []
    for shot in group.shots:
        x, y = _LEFT + scale * (shot.start_ms - first_ms), places[shot.environment]
        before_ms = _before_handler_ms(shot)
        yield _before_handler(shot.cold, x, y, scale * before_ms, height)
        width = scale * (shot.end_ms - shot.start_ms - before_ms)
        handler = x + scale * before_ms, y + height * 0.13, width, height * 0.74
        handlers.append(_box(*handler, "fill:var(--lambda)"))
    yield from handlers
    last = max(group.shots, key=lambda shot: shot.end_ms)
    after_ms, y = last.end_ms - first_ms, places[last.environment] + height / 2 + 8
    words = f"the last: {after_ms:,.0f} ms"
    yield _text(_LEFT + scale * after_ms + 14, y, words, font_weight=600)


def _before_handler(cold: bool, x: float, y: float, width: float, height: float) -> str:
    """Return INIT hatched, or the wait of a warm call as a thin line."""
    if cold:
        look = "fill:url(#drawn-hatch);stroke:var(--cold);stroke-width:1.5"
        return _box(x, y + height * 0.13, width, height * 0.74, look)
    return _box(x, y + height / 2 - 1, width, 2, "fill:var(--muted)")


def _before_handler_ms(shot: BurstInvocation) -> float:
    """Return how long after the request the handler of an invocation began."""
    return max(0.0, shot.end_ms - shot.start_ms - shot.report.duration_ms)


# ---- a gradual deployment ----


def _call_px(found: Rollout) -> float:
    return (_RIGHT - _NAMES) / found.calls


def _versions(found: Rollout) -> Iterator[str]:
    """Yield a row for each version: its name, and a mark for each call that it answered."""
    each = _call_px(found)
    for row, version in enumerate(found.versions):
        y, color = _FIRST + _APART * row, "lambda" if row else "muted"
        yield _text(_NAMES - 10, y + 45, f"version {version}", text_anchor="end", font_weight=600)
        width = min(max(0.75 * each, 2.5), 0.9 * each)
        for place in found.places(version):
            x = _NAMES + each * (place + 0.5) - width / 2
            yield _box(x, y, width, _HIGH, f"fill:var(--{color})")


def _phases(found: Rollout) -> Iterator[str]:
    """Yield what the alias did, and how many calls each version answered in each phase."""
    for phase in found.phases:
        x = _NAMES + _call_px(found) * phase.start
        if phase.start:
            line = "stroke:var(--ink);stroke-width:2;stroke-dasharray:8 6"
            yield f'<path style="{line}" d="M {x:.1f} {_TOP - 4} V {_AXIS}"/>'
        if len(phase.versions) * _call_px(found) > 130:  # room for the words; the table has them
            yield _text(x + 10, _TOP + 28, phase.words, font_weight=600)
            yield from _counts(phase, found.versions, x + 10)


def _counts(phase: Phase, versions: Sequence[str], x: float) -> Iterator[str]:
    for row, version in enumerate(versions):
        words = f"{phase.count(version)} of {len(phase.versions)}"
        yield _text(x, _FIRST + _APART * row + _HIGH + 32, words)
