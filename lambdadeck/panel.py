"""The panel "your numbers": sliders on a slide, the curve that follows them, the verdict."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import html
from collections.abc import Callable, Sequence

import ipywidgets as widgets  # type: ignore[import-untyped]  # ipywidgets has no types

from lambdadeck import prices
from lambdadeck.costs import (
    WORKLOAD_CHOICES,
    WORKLOAD_LABELS,
    Comparison,
    TooSmall,
    Workload,
    common_instances,
    compare,
    human_count,
    priced_regions,
)
from lambdadeck.figures import CURVE_SIZE, workload_curve
from lambdadeck.shared import style

MIME = "application/vnd.lambdadeck.numbers+json"  # the workload, for a page that has no kernel
_START = Workload()


class YourNumbers(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The panel: `controls` by the field names of `Workload`, then the curve and the verdict."""

    def __init__(self, workload: Workload = _START, *, today: dt.date | None = None) -> None:
        self._today = today
        self.controls = _controls(workload)
        self.picture, self.words = widgets.HTML(), widgets.HTML()
        grid = widgets.GridBox(list(self.controls.values()))
        super().__init__([_styles(), grid, self.picture, self.words])
        self.add_class("lambdadeck-panel")
        for name, control in self.controls.items():
            control.observe(self._offer_instances if name == "region" else self._redraw, "value")
        self._redraw()

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object] | None:
        bundle: dict[str, object] | None = super()._repr_mimebundle_(**kwargs)
        return bundle and bundle | {MIME: dataclasses.asdict(self.workload)}

    @property
    def workload(self) -> Workload:
        """Return the workload that the controls show now."""
        return Workload(**{name: control.value for name, control in self.controls.items()})

    def _offer_instances(self, change: object = None) -> None:
        menu, chosen = self.controls["instance"], self.controls["instance"].value
        offered = common_instances(self.controls["region"].value)
        menu.unobserve(self._redraw, "value")  # redraw once, when the menu is complete
        menu.options = offered
        menu.value = chosen if chosen in offered else offered[0]
        menu.observe(self._redraw, "value")
        self._redraw()

    def _redraw(self, change: object = None) -> None:
        work = self.workload
        try:
            found = compare(work, today=self._today)
        except (prices.UnknownPrice, TooSmall) as problem:
            self.picture.value, self.words.value = "", _said(str(problem.args[0]))
            return
        self.picture.value = _image(work, found)
        self.words.value = _said(f"{found.sentence}.", found.break_even_sentence)


def your_numbers(workload: Workload = _START, *, today: dt.date | None = None) -> YourNumbers:
    """Return the panel, starting at `workload`; prices are called old by `today`, or the clock."""
    return YourNumbers(workload, today=today)


def _controls(work: Workload) -> dict[str, widgets.Widget]:
    """Return a control for each field of the workload, in their order."""
    free_tier = widgets.Checkbox(
        value=work.free_tier, description=WORKLOAD_LABELS["free_tier"], indent=True
    )
    return {
        "requests": _slider("requests", human_count, work),
        "duration_ms": _slider("duration_ms", _time, work),
        "memory_mb": _slider("memory_mb", lambda mb: f"{mb:,} MB", work),
        "arch": _menu("arch", prices.ARCHITECTURES, work),
        "region": _menu("region", priced_regions(), work),
        "instance": _menu("instance", common_instances(work.region), work),
        "peak_factor": _slider("peak_factor", lambda times: f"{times:g}", work),
        "free_tier": free_tier,
    }


def _slider(name: str, words: Callable[[float], str], work: Workload) -> widgets.SelectionSlider:
    """Return a slider over values in words; its start joins them if it is not among them."""
    start = getattr(work, name)
    options = [(words(value), value) for value in sorted({*WORKLOAD_CHOICES[name], start})]
    return widgets.SelectionSlider(
        options=options, value=start, description=WORKLOAD_LABELS[name], continuous_update=True
    )


def _menu(name: str, values: Sequence[str], work: Workload) -> widgets.Dropdown:
    return widgets.Dropdown(
        options=list(values), value=getattr(work, name), description=WORKLOAD_LABELS[name]
    )


def _time(ms: float) -> str:
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


def _image(work: Workload, found: Comparison) -> str:
    what = f"Monthly US$ over requests, Lambda against {work.instance}"
    alt = html.escape(f"{what}. {found.sentence}. {found.origin.text}")
    source = base64.b64encode(workload_curve(work, found)).decode("ascii")
    return f'<img alt="{alt}" src="data:image/png;base64,{source}">'


def _said(verdict: str, *more: str) -> str:
    """Return the verdict in large letters, which screen readers announce, and the lines below."""
    first, *rest = (html.escape(text) for text in (verdict, *more))
    lines = "".join(f"<p class='lambdadeck-backing'>{text}</p>" for text in rest)
    return f"<p class='lambdadeck-verdict' role='status'>{first}</p>{lines}"


def _styles() -> widgets.HTML:
    """Return the style sheet: sizes of the 1280 x 720 stage, scaled by rise.css's --k if set."""
    scale, colors = style.type_scale(), style.palette()
    family = f"{scale.family}, sans-serif"
    small, large = (f"calc({px}px * var(--k, 1))" for px in (scale.note, scale.table + 2))
    row, knob = "calc(34px * var(--k, 1))", "calc(24px * var(--k, 1))"
    sheet = f"""<style>
.lambdadeck-panel {{ color: {colors.ink}; overflow: hidden; }}
.lambdadeck-panel .widget-gridbox {{
  grid-template-columns: 1fr 1fr; width: calc(1100px * var(--k, 1)); }}
.lambdadeck-panel .widget-gridbox .widget-inline-hbox {{
  width: 97%; height: {row}; align-items: center; }}
.lambdadeck-panel .widget-label, .lambdadeck-panel .widget-readout, .lambdadeck-panel select,
.lambdadeck-panel .widget-checkbox label {{
  font: {small} / {row} {family}; height: {row}; padding-block: 0; }}
.lambdadeck-panel .widget-label, .lambdadeck-panel .widget-label-basic {{ color: {colors.ink}; }}
.lambdadeck-panel .widget-label {{
  width: calc(180px * var(--k, 1)); max-width: none; margin-right: calc(16px * var(--k, 1)); }}
.lambdadeck-panel .widget-readout {{
  min-width: calc(125px * var(--k, 1)); text-align: right; overflow: visible; }}
.lambdadeck-panel .widget-checkbox input {{
  width: {knob}; height: {knob}; margin: 0 8px 0 0; vertical-align: middle; }}
.lambdadeck-panel :is(.noUi-target, .noUi-connects) {{
  background: {colors.muted} !important; border-color: {colors.muted}; }}
.lambdadeck-panel .noUi-handle:focus-visible {{
  outline: 3px solid {colors.ink}; outline-offset: 2px; }}
.lambdadeck-panel .noUi-handle {{
  width: {knob} !important; height: {knob} !important; top: calc(-11px * var(--k, 1)) !important;
  right: calc(-12px * var(--k, 1)) !important; border: 0;
  background: {colors.aws_lambda} !important; }}
.lambdadeck-panel .widget-html {{ height: auto; }}
.lambdadeck-panel .widget-html-content {{ margin: 0; }}
.lambdadeck-panel img {{ display: block; margin: 0 !important;
  width: calc({CURVE_SIZE[0] * style.DPI:.0f}px * var(--k, 1));
  height: auto; max-width: 100%; max-height: none !important; }}
.lambdadeck-panel .lambdadeck-verdict {{ font: bold {large} / 1.3 {family}; margin: 0; }}
.lambdadeck-panel .lambdadeck-backing {{ font: {small} / 1.3 {family}; margin: 0; }}
</style>"""
    return widgets.HTML(sheet, layout={"display": "none"})
