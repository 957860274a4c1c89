"""The panel "your numbers": sliders on a slide, the curve that follows them, the verdict."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]  # ipywidgets has no types

from lambdadeck import prices
from lambdadeck.costs import (
    QUANTITIES,
    Comparison,
    Quantity,
    TooSmall,
    Workload,
    common_instances,
    compare,
    priced_regions,
    stand_in,
)
from lambdadeck.costs.workload import EC2_FRONTS, FRONTS, LAMBDA_FRONTS, MENU_LABELS
from lambdadeck.figures import CURVE_SIZE, workload_curve
from lambdadeck.shared import style

MIME = "application/vnd.lambdadeck.numbers+json"  # the workload, for a page that has no kernel
_START = Workload()
_SHOWN = ("requests", "duration_ms", "memory_mb", "arch", "region", "instance")  # rest: folded


class NumberField(widgets.HBox, widgets.ValueWidget):  # type: ignore[misc]  # ipywidgets has no types
    """A number with a slider and a field for typing.

    A text that is no such number is a `problem`, in words, and calls `on_problem`.
    """

    def __init__(self, quantity: Quantity, value: float) -> None:
        self._quantity, self._is_showing = quantity, False
        self.problem = ""
        self.on_problem: Callable[[], None] = lambda: None
        self.slider = widgets.SelectionSlider(
            options=[("", value)], value=value, description=quantity.label, readout=False
        )
        self.field = widgets.Text(continuous_update=False, tooltip=f"Type {quantity.example}")
        super().__init__([self.slider, self.field])
        self.add_class("lambdadeck-number")
        self.observe(self._show, "value")
        self.slider.observe(self._slid, "value")
        self.field.observe(self._typed, "value")
        self.value = value

    def _slid(self, change: dict[str, Any]) -> None:
        if not self._is_showing:
            self.problem, self.value = "", change["new"]

    def _typed(self, change: dict[str, Any]) -> None:
        if self._is_showing:
            return
        had, self.problem = self.problem, ""
        try:
            self.value = self._quantity.read(change["new"])
        except ValueError as error:
            self.problem = str(error)
        self._show()
        if had or self.problem:
            self.on_problem()

    def _show(self, change: object = None) -> None:
        """Show the value in both; a value between the slider's steps joins them."""
        show, self._is_showing = self._quantity.show, True
        known = {value for _, value in self.slider.options}
        if self.value not in known or len(known) == 1:
            values = sorted({*self._quantity.choices, *known, self.value})
            self.slider.options = [(show(value), value) for value in values]
        self.slider.value, self.field.value = self.value, show(self.value)
        self._is_showing = False


class YourNumbers(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The panel: `controls` by the field names of `Workload`, then the curve and the verdict."""

    def __init__(self, workload: Workload = _START, *, today: dt.date | None = None) -> None:
        self._today, self._wanted = today, workload.instance
        self.controls = _controls(workload)
        self.picture, self.words = widgets.HTML(), widgets.HTML()
        shown, folded = (
            widgets.GridBox([control for name, control in self.controls.items() if is_in(name)])
            for is_in in (_SHOWN.__contains__, lambda name: name not in _SHOWN)
        )
        self.fold = widgets.Accordion([folded], titles=("traffic and fleet",), selected_index=None)
        super().__init__([_styles(), shown, self.fold, self.picture, self.words])
        self.add_class("lambdadeck-panel")
        answers = {"region": self._offer_instances, "instance": self._choose_instance}
        for name, control in self.controls.items():
            control.observe(answers.get(name, self._redraw), "value")
            if isinstance(control, NumberField):
                control.on_problem = self._redraw
        self.fold.observe(self._make_room, "selected_index")
        self._redraw()

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, object] | None:
        bundle: dict[str, object] | None = super()._repr_mimebundle_(**kwargs)
        return bundle and bundle | {MIME: dataclasses.asdict(self.workload)}

    @property
    def workload(self) -> Workload:
        """Return the workload that the controls show now."""
        return Workload(**{name: control.value for name, control in self.controls.items()})

    def _make_room(self, change: dict[str, Any]) -> None:
        """Hide the curve while the folded row is open: a slide has no room for both."""
        self.picture.layout.display = None if change["new"] is None else "none"

    def _offer_instances(self, change: object = None) -> None:
        """Offer what the region sells; a type that it does not sell comes back with its region."""
        menu, region = self.controls["instance"], self.controls["region"].value
        menu.unobserve(self._choose_instance, "value")  # redraw once, when the menu is complete
        menu.options = common_instances(region)
        menu.value = stand_in(self._wanted, region)
        menu.observe(self._choose_instance, "value")
        self._redraw()

    def _choose_instance(self, change: dict[str, Any]) -> None:
        self._wanted = change["new"]
        self._redraw()

    def _redraw(self, change: object = None) -> None:
        work, problems = (
            self.workload,
            [getattr(one, "problem", "") for one in self.controls.values()],
        )
        try:
            found = compare(work, today=self._today)
        except (prices.UnknownPrice, TooSmall) as problem:
            self.picture.value, self.words.value = "", _said(str(problem.args[0]), *problems)
            return
        self.picture.value = _image(work, found)
        backing = f"{found.break_even_sentence} {found.flip_sentence} {found.safe_sentence}"
        said = _said(f"{found.sentence}.", *problems, backing)
        self.words.value = f"{said}{_for_slide(found)}"


def your_numbers(workload: Workload = _START, *, today: dt.date | None = None) -> YourNumbers:
    """Return the panel, starting at `workload`; prices are called old by `today`, or the clock."""
    return YourNumbers(workload, today=today)


def _controls(work: Workload) -> dict[str, widgets.Widget]:
    """Return a control for each field of the workload, in the order in which they are shown."""
    free_tier = widgets.Checkbox(
        value=work.free_tier, description=MENU_LABELS["free_tier"], indent=True
    )
    numbers = {
        name: NumberField(quantity, getattr(work, name)) for name, quantity in QUANTITIES.items()
    }
    menus = {
        "arch": _menu("arch", prices.ARCHITECTURES, work),
        "region": _menu("region", priced_regions(), work),
        "instance": _menu("instance", common_instances(work.region), work),
        "lambda_front": _menu("lambda_front", [(FRONTS[one], one) for one in LAMBDA_FRONTS], work),
        "ec2_front": _menu("ec2_front", [(FRONTS[one], one) for one in EC2_FRONTS], work),
    }
    return {**numbers, **menus, "free_tier": free_tier}


def _menu(
    name: str, values: Sequence[str] | Sequence[tuple[str, str]], work: Workload
) -> widgets.Dropdown:
    return widgets.Dropdown(
        options=list(values), value=getattr(work, name), description=MENU_LABELS[name]
    )


def _image(work: Workload, found: Comparison) -> str:
    what = f"Monthly US$ over requests, Lambda against {work.instance}"
    said = f"{found.sentence}. {found.break_even_sentence} {found.flip_sentence}"
    assumed = f"Assumed: {work.assumptions}."
    alt = html.escape(f"{what}. {said} {assumed} {found.origin.text}")
    source = base64.b64encode(workload_curve(work, found)).decode("ascii")
    return f'<img alt="{alt}" src="data:image/png;base64,{source}">'


def _said(verdict: str, *more: str) -> str:
    """Return the verdict in large letters, which screen readers announce, and the lines below."""
    first, *rest = (html.escape(text) for text in (verdict, *more))
    lines = "".join(f"<p class='lambdadeck-backing'>{text}</p>" for text in rest if text)
    return f"<p class='lambdadeck-verdict' role='status'>{first}</p>{lines}"


def _for_slide(found: Comparison) -> str:
    """Return what the stage puts into the slide's title and footer while the sliders move."""
    source = html.escape(found.origin.footer)
    return f"<p hidden data-title='{html.escape(found.title)}' data-source='{source}'></p>"


def _styles() -> widgets.HTML:
    """Return the style sheet: sizes of the 1280 x 720 stage, scaled by rise.css's --k if set."""
    colors, wide = style.palette(), f"{CURVE_SIZE[0] * style.DPI:.0f}px"
    font = f"calc({style.type_scale().text}px * var(--k, 1)) / 1.3 var(--font, sans-serif)"
    sheet = _SHEET.replace("FONT", font).replace("WIDE", wide)
    for name in ("ink", "muted", "panel"):
        sheet = sheet.replace(name.upper(), getattr(colors, name))
    return widgets.HTML(f"<style>{sheet}</style>", layout={"display": "none"})


# Controls in seven steps of the slide's grid, the curve beside them; an open fold takes its place.
_SHEET = """
.lambdadeck-panel { --px: calc(1px * var(--k, 1)); --row: calc(38 * var(--px));
  display: grid; grid-template: auto 1fr / calc(343 * var(--px)) calc(760 * var(--px));
  gap: calc(8 * var(--px)) calc(49 * var(--px)); align-items: start; color: INK; font: FONT; }
.lambdadeck-panel > * { margin: 0; width: auto; overflow: visible; }
.lambdadeck-panel > :nth-child(3) { grid-area: 2 / 1; }
.lambdadeck-panel > :nth-child(4) { grid-area: 1 / 2 / span 2; }
.lambdadeck-panel > :nth-child(5) { grid-area: 3 / 1 / auto / span 2; }
.lambdadeck-panel > .widget-accordion:has(.jupyter-widget-Collapse-open) { grid-area: 1 / 2; }
.lambdadeck-panel .widget-gridbox { gap: calc(4 * var(--px)) calc(34 * var(--px));
  grid-template-columns: 100%; overflow: visible; }
.lambdadeck-panel .widget-accordion .widget-gridbox { grid-template-columns: 1fr 1fr; }
.lambdadeck-panel :is(.widget-label, .widget-checkbox label, select, .widget-text input,
  .widget-accordion, .jupyter-widget-Collapse-header) { font: FONT; color: INK; }
.lambdadeck-panel .widget-inline-hbox { width: auto; height: var(--row); margin: 0; }
.lambdadeck-panel .widget-label { flex: 1; width: auto; max-width: none; height: var(--row);
  margin: 0; line-height: var(--row); text-align: left; }
.lambdadeck-panel select { flex: none; width: calc(180 * var(--px)); height: calc(38 * var(--px));
  padding-block: 0; }
.lambdadeck-panel .lambdadeck-number { display: grid; width: auto; margin: 0; overflow: visible;
  grid-template: var(--row) calc(28 * var(--px)) / 1fr calc(144 * var(--px)); }
.lambdadeck-panel .lambdadeck-number .widget-hslider { display: contents; }
.lambdadeck-panel .slider-container { grid-area: 2 / 1 / auto / span 2; margin: 0;
  padding: calc(12 * var(--px)) calc(12 * var(--px)) 0; box-sizing: border-box; }
.lambdadeck-panel .widget-text { grid-area: 1 / 2; width: auto; margin: 0; overflow: visible; }
.lambdadeck-panel .widget-text input { box-sizing: border-box; min-width: 0; width: 100%;
  height: calc(36 * var(--px)); padding: 0 6px; margin: 0; text-align: right; }
.lambdadeck-panel :is(select, .widget-text input) { border: 1px solid MUTED; }
.lambdadeck-panel :is(.widget-accordion, .jupyter-widget-Collapse-header) { margin: 0; padding: 0;
  border: 0; background: PANEL; }
.lambdadeck-panel .widget-checkbox input { width: calc(24 * var(--px));
  height: calc(24 * var(--px)); margin: 0 8px 0 0; vertical-align: middle; }
.lambdadeck-panel :is(.noUi-target, .noUi-connects) {
  background: MUTED !important; border-color: MUTED !important; }
.lambdadeck-panel .noUi-handle { width: calc(24 * var(--px)) !important;
  height: calc(24 * var(--px)) !important; top: calc(-11 * var(--px)) !important;
  right: calc(-12 * var(--px)) !important; border: 0; background: INK !important; }
.lambdadeck-panel .noUi-handle:focus-visible { outline: 3px solid INK; outline-offset: 2px; }
.lambdadeck-panel .widget-html { height: auto; }
.lambdadeck-panel .widget-html-content { margin: 0; }
.lambdadeck-panel img { display: block; margin: 0 !important; width: calc(WIDE * var(--k, 1));
  height: auto; max-width: 100%; max-height: none !important; }
.lambdadeck-panel .lambdadeck-verdict { font: FONT; font-weight: 600; margin: 0; }
.lambdadeck-panel .lambdadeck-backing { font: FONT; margin: 0; }
[data-found] .lambdadeck-panel .lambdadeck-verdict {
  position: absolute; clip-path: inset(50%); width: 1px; height: 1px; }
"""
