"""Your numbers: sliders on a slide, the curve that follows them, and the verdict in one sentence."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import html
import io
import textwrap
from collections.abc import Callable, Sequence

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter

from lambdadeck import prices
from lambdadeck.costs import human_count, human_usd
from lambdadeck.costs.comparison import (
    CHOICES,
    LABELS,
    LOADS,
    Numbers,
    Verdict,
    instances,
    judge,
    regions,
)
from lambdadeck.figures.labels import callout, spread
from lambdadeck.figures.monthly_cost import tick_usd
from lambdadeck.prices.origin import Origin
from lambdadeck.shared import style

MIME = (
    "application/vnd.lambdadeck.numbers+json"  # the panel's numbers, for a page that has no kernel
)
_SIZE = (11.0, 2.7)  # inches; with the controls and the verdict it fills a slide
_SHARPNESS = 1.5  # image pixels to a CSS pixel: enough for a 1080p projector, and drawn a third faster than 2


class YourNumbers(widgets.VBox):
    """The panel: `controls` by the field names of `verdict.Numbers`, then curve and verdict, redrawn on change."""

    def __init__(self, numbers: Numbers = Numbers(), *, today: dt.date | None = None) -> None:
        self._today = today
        self.controls = _controls(numbers)
        self.picture, self.words = widgets.HTML(), widgets.HTML()
        grid = widgets.GridBox(list(self.controls.values()))
        super().__init__([_styles(), grid, self.picture, self.words])
        self.add_class("lambdadeck-panel")
        for name, control in self.controls.items():
            control.observe(self._offer_instances if name == "region" else self._redraw, "value")
        self._redraw()

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        return bundle and bundle | {MIME: dataclasses.asdict(self.numbers)}

    @property
    def numbers(self) -> Numbers:
        """What the controls say now."""
        return Numbers(**{name: control.value for name, control in self.controls.items()})

    def _offer_instances(self, change: object = None) -> None:
        menu, chosen = self.controls["instance"], self.controls["instance"].value
        offered = instances(self.controls["region"].value)
        menu.unobserve(self._redraw, "value")  # once, when the menu is whole again
        menu.options = offered
        menu.value = chosen if chosen in offered else offered[0]
        menu.observe(self._redraw, "value")
        self._redraw()

    def _redraw(self, change: object = None) -> None:
        numbers = self.numbers
        try:
            verdict = judge(numbers, today=self._today)
        except prices.UnknownPrice as unknown:  # a price that nobody knows is said, never guessed
            self.picture.value, self.words.value = "", _said(str(unknown.args[0]))
            return
        self.picture.value = _image(curve(numbers, verdict), numbers, verdict)
        self.words.value = _said(f"{verdict.sentence}.", verdict.break_even_sentence)


def your_numbers(numbers: Numbers = Numbers(), *, today: dt.date | None = None) -> YourNumbers:
    """The panel, starting at `numbers`; `today` decides which prices are called old (the clock's day when None)."""
    return YourNumbers(numbers, today=today)


def _controls(numbers: Numbers) -> dict[str, widgets.Widget]:
    """One control for each field of the numbers, in their order."""
    return {
        "requests": _slider("requests", human_count, numbers),
        "duration_ms": _slider("duration_ms", _time, numbers),
        "memory_mb": _slider("memory_mb", lambda mb: f"{mb:,} MB", numbers),
        "arch": _menu("arch", prices.ARCHITECTURES, numbers),
        "region": _menu("region", regions(), numbers),
        "instance": _menu("instance", instances(numbers.region), numbers),
        "peak_factor": _slider("peak_factor", lambda times: f"{times:g}", numbers),
        "free_tier": widgets.Checkbox(
            value=numbers.free_tier, description=LABELS["free_tier"], indent=True
        ),
    }


def _slider(name: str, words: Callable[[float], str], numbers: Numbers) -> widgets.SelectionSlider:
    """A slider over values that are said in words; the one to start at joins them if it is not among them."""
    start = getattr(numbers, name)
    options = [(words(value), value) for value in sorted({*CHOICES[name], start})]
    return widgets.SelectionSlider(
        options=options, value=start, description=LABELS[name], continuous_update=True
    )


def _menu(name: str, values: Sequence[str], numbers: Numbers) -> widgets.Dropdown:
    return widgets.Dropdown(
        options=list(values), value=getattr(numbers, name), description=LABELS[name]
    )


def _time(ms: float) -> str:
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


@style.styled
def curve(numbers: Numbers, verdict: Verdict) -> bytes:
    """Both bills over requests a month as PNG, 1100 x 270 CSS pixels, with the numbers and the break-even marked."""
    drawing = Drawing(figsize=_SIZE, dpi=style.DPI)
    # Fixed margins: measuring the text for a better fit would cost more than the rest of the drawing.
    axes = drawing.add_axes((0.085, 0.255, 0.78, 0.64), xscale="log", yscale="log")
    _note_origin(drawing, verdict.origin)
    colours = style.palette()
    axes.plot(LOADS, verdict.lambda_curve, "-", color=colours.aws_lambda)
    axes.plot(LOADS, verdict.ec2_curve, "--", color=colours.ec2)
    _set_axes(axes, verdict)
    _name_curves(axes, numbers, verdict)
    _mark_break_even(axes, verdict)
    _mark_numbers(axes, numbers, verdict)
    picture = io.BytesIO()
    drawing.savefig(picture, format="png", dpi=style.DPI * _SHARPNESS)
    return picture.getvalue()


def _note_origin(drawing: Drawing, origin: Origin) -> None:
    """Where the prices come from, in the corner; that they are old, before everything else."""
    look = {
        "fontsize": style.points(style.type_scale().figure_source),
        "va": "bottom",
        "linespacing": 1.1,
    }
    colour = style.palette().bad if origin.warning else style.palette().muted
    words = f"Mind: {origin.warning}. {origin.data}" if origin.warning else origin.data
    drawing.text(0.008, 0.01, textwrap.fill(words, 128), color=colour, **look)


def _set_axes(axes: Axes, verdict: Verdict) -> None:
    highest = max(np.nanmax(verdict.lambda_curve), np.nanmax(verdict.ec2_curve))
    axes.set(xlim=(LOADS[0], LOADS[-1]), ylim=(0.1, highest * 2))
    axes.set_title("US$ a month over requests a month")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda load, _: human_count(load)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda usd, _: tick_usd(usd)))
    axes.minorticks_off()


def _name_curves(axes: Axes, numbers: Numbers, verdict: Verdict) -> None:
    colours = style.palette()
    ends = [
        (verdict.lambda_curve, "Lambda", colours.aws_lambda),
        (verdict.ec2_curve, numbers.instance, colours.ec2),
    ]
    heights = [axes.transData.transform((1e4, usd[np.isfinite(usd)][-1]))[1] for usd, _, _ in ends]
    box = axes.get_window_extent()
    look = {
        "xycoords": "axes fraction",
        "textcoords": "offset points",
        "va": "center",
        "fontweight": "bold",
    }
    for (_, words, colour), y in zip(ends, spread(heights, 22, box.y0, box.y1), strict=True):
        axes.annotate(words, (1, (y - box.y0) / box.height), xytext=(8, 0), color=colour, **look)


def _mark_numbers(axes: Axes, numbers: Numbers, verdict: Verdict) -> None:
    colours = style.palette()
    axes.axvline(numbers.requests, color=colours.ink, linewidth=1.5)
    sides = [
        (verdict.lambda_usd, "Lambda", "o", colours.aws_lambda),
        (verdict.ec2_usd, "EC2", "s", colours.ec2),
    ]
    left = numbers.requests > 1e8
    for place, (usd, name, mark, colour) in enumerate(sorted(sides, reverse=True)):
        point = (numbers.requests, max(usd, 0.1))  # a bill of nothing sits on the axis
        axes.plot(*point, mark, color=colour, markersize=12, zorder=5, clip_on=False)
        aside = {
            "offset": (-26 if left else 26, 16 - 32 * place),
            "ha": "right" if left else "left",
        }
        callout(axes, point, f"{name} {human_usd(usd)}", color=colour, **aside)


def _mark_break_even(axes: Axes, verdict: Verdict) -> None:
    if LOADS[0] < verdict.break_even_requests < LOADS[-1] and verdict.break_even_usd > 0.1:
        point = (verdict.break_even_requests, verdict.break_even_usd)
        axes.plot(*point, "D", color=style.palette().ink, markersize=9, zorder=5)
        callout(axes, point, f"even at {human_count(point[0])}", offset=(20, -34))


def _image(png: bytes, numbers: Numbers, verdict: Verdict) -> str:
    what = f"Monthly US$ over requests, Lambda against {numbers.instance}"
    alt = html.escape(f"{what}. {verdict.sentence}. {verdict.origin.text}")
    source = base64.b64encode(png).decode("ascii")
    return f'<img alt="{alt}" src="data:image/png;base64,{source}">'


def _said(verdict: str, *more: str) -> str:
    """The verdict in large letters, announced by screen readers when it changes; what backs it below, smaller."""
    first, *rest = (html.escape(text) for text in (verdict, *more))
    lines = "".join(f"<p class='lambdadeck-backing'>{text}</p>" for text in rest)
    return f"<p class='lambdadeck-verdict' role='status'>{first}</p>{lines}"


def _styles() -> widgets.HTML:
    """Sizes of the 1280 x 720 stage, scaled with it by rise.css's --k where there is one."""
    scale, colours = style.type_scale(), style.palette()
    family = f"{scale.family}, sans-serif"
    small, large = (f"calc({px}px * var(--k, 1))" for px in (scale.note, scale.table + 2))
    row, knob = "calc(34px * var(--k, 1))", "calc(24px * var(--k, 1))"
    sheet = f"""<style>
.lambdadeck-panel {{ color: {colours.ink}; overflow: hidden; }}
.lambdadeck-panel .widget-gridbox {{ grid-template-columns: 1fr 1fr; width: calc(1100px * var(--k, 1)); }}
.lambdadeck-panel .widget-gridbox .widget-inline-hbox {{ width: 97%; height: {row}; align-items: center; }}
.lambdadeck-panel .widget-label, .lambdadeck-panel .widget-readout, .lambdadeck-panel select,
.lambdadeck-panel .widget-checkbox label {{ font: {small} / {row} {family}; height: {row}; padding-block: 0; }}
.lambdadeck-panel .widget-label, .lambdadeck-panel .widget-label-basic {{ color: {colours.ink}; }}
.lambdadeck-panel .widget-label {{ width: calc(180px * var(--k, 1)); max-width: none; margin-right: calc(16px * var(--k, 1)); }}
.lambdadeck-panel .widget-readout {{ min-width: calc(125px * var(--k, 1)); text-align: right; overflow: visible; }}
.lambdadeck-panel .widget-checkbox input {{ width: {knob}; height: {knob}; margin: 0 8px 0 0; vertical-align: middle; }}
.lambdadeck-panel :is(.noUi-target, .noUi-connects) {{
  background: {colours.muted} !important; border-color: {colours.muted}; }}
.lambdadeck-panel .noUi-handle:focus-visible {{ outline: 3px solid {colours.ink}; outline-offset: 2px; }}
.lambdadeck-panel .noUi-handle {{
  width: {knob} !important; height: {knob} !important; top: calc(-11px * var(--k, 1)) !important;
  right: calc(-12px * var(--k, 1)) !important; background: {colours.aws_lambda} !important; border: 0; }}
.lambdadeck-panel .widget-html {{ height: auto; }}
.lambdadeck-panel .widget-html-content {{ margin: 0; }}
.lambdadeck-panel img {{ display: block; margin: 0 !important; width: calc({_SIZE[0] * style.DPI:.0f}px * var(--k, 1));
  height: auto; max-width: 100%; max-height: none !important; }}
.lambdadeck-panel .lambdadeck-verdict {{ font: bold {large} / 1.3 {family}; margin: 0; }}
.lambdadeck-panel .lambdadeck-backing {{ font: {small} / 1.3 {family}; margin: 0; }}
</style>"""
    return widgets.HTML(sheet, layout={"display": "none"})
