"""The panel "your numbers": its controls, and the panel on a slide in a real browser."""

import datetime as dt
import html
import io
import json
import shutil
from contextlib import ExitStack

import nbformat
import numpy as np
import pytest
from PIL import Image

from lambdadeck import prices
from lambdadeck.costs import Workload, compare
from lambdadeck.figures import workload_curve
from lambdadeck.panel import MIME, your_numbers
from lambdadeck.shared import style
from lambdadeck.stage import jupyter, present
from lambdadeck.stage.present import Shutdown
from tests.support.cases import each

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def panel():
    return your_numbers(today=TODAY)


def picture(panel):
    """Return the picture that the panel shows now."""
    return panel.picture.value.split("base64,")[1].split('"')[0]


def test_the_panel_has_a_control_for_each_number_and_starts_at_the_numbers_given():
    asked = Workload(2e6, 30, 1024, "arm64", "us-east-1", "c7g.large", 3, True)
    assert your_numbers(asked, today=TODAY).workload == asked


@each(
    ("name", "value"),
    [
        ("requests", 1e9),
        ("duration_ms", 1000),
        ("memory_mb", 3008),
        ("arch", "arm64"),
        ("region", "eu-central-1"),
        ("instance", "m7g.2xlarge"),
        ("peak_factor", 10),
        ("free_tier", True),
    ],
)
def test_every_control_redraws_picture_and_verdict(name, value):
    panel = your_numbers(Workload(requests=1e8), today=TODAY)
    before = picture(panel)
    panel.controls[name].value = value
    assert getattr(panel.workload, name) == value
    assert picture(panel) != before
    assert html.escape(compare(panel.workload, today=TODAY).sentence) in panel.words.value


def test_sliders_redraw_while_they_are_dragged(panel):
    assert all(
        panel.controls[name].slider.continuous_update
        for name in ("requests", "duration_ms", "memory_mb", "peak_factor")
    )


def test_a_typed_number_is_shown_and_computed(panel):
    field = panel.controls["requests"].field
    field.value = "12.4 million"
    assert panel.workload.requests == 12.4e6 and field.value == "12.4 million"
    assert html.escape(compare(panel.workload, today=TODAY).sentence) in panel.words.value
    panel.controls["memory_mb"].field.value = "1,536 MB"
    panel.controls["duration_ms"].field.value = "0.087 s"
    assert (panel.workload.memory_mb, panel.workload.duration_ms) == (1536, 87)
    assert panel.controls["duration_ms"].field.value == "87 ms"


def test_what_is_no_number_is_said_and_the_last_number_stays(panel):
    field = panel.controls["requests"].field
    field.value = "12,4 million"
    assert field.value == "5 million" and panel.workload.requests == 5e6
    assert "cannot read &quot;12,4 million&quot;. Type 12.4 million." in panel.words.value
    field.value = "7 million"
    assert "cannot read" not in panel.words.value


def test_traffic_and_fleet_are_folded_and_count(panel):
    assert panel.fold.selected_index is None and panel.fold.titles == ("traffic and fleet",)
    before = panel.words.value
    panel.controls["zones"].value = 2
    panel.controls["ec2_front"].value = "alb"
    assert panel.words.value != before
    panel.fold.selected_index = 0
    assert panel.picture.layout.display == "none"


def test_numbers_that_no_slider_step_has_join_the_slider():
    panel = your_numbers(Workload(requests=123_456, duration_ms=37, memory_mb=200), today=TODAY)
    assert (panel.workload.requests, panel.workload.duration_ms, panel.workload.memory_mb) == (
        123_456,
        37,
        200,
    )


def test_the_instances_offered_are_those_that_the_region_sells(panel):
    panel.controls["region"].value = "me-south-1"
    offered = panel.controls["instance"].options
    assert set(offered) <= set(prices.ec2_catalogue("me-south-1").instance_type)
    assert panel.workload.instance in offered


def test_a_region_keeps_the_instance_chosen_if_it_sells_it(panel):
    panel.controls["instance"].value = "m5.large"
    panel.controls["region"].value = "us-west-2"
    assert panel.workload.instance == "m5.large"


def test_where_the_chosen_instance_is_not_sold_one_as_large_stands_in_until_it_is(panel):
    panel.controls["instance"].value = "c8g.large"
    panel.controls["region"].value = "af-south-1"
    wanted, stood = (
        prices.ec2_price(*where)
        for where in (("eu-west-1", "c8g.large"), ("af-south-1", panel.workload.instance))
    )
    assert stood.vcpu >= wanted.vcpu and stood.memory_gib >= wanted.memory_gib
    assert stood.usd_per_hour < 2 * wanted.usd_per_hour
    panel.controls["region"].value = "eu-west-1"
    assert panel.workload.instance == "c8g.large"


def test_every_region_offered_gives_a_verdict_or_says_which_price_is_unknown(panel):
    for region in panel.controls["region"].options:
        panel.controls["region"].value = region
        assert "is cheaper:" in panel.words.value or "unknown" in panel.words.value, region


def test_an_unknown_price_is_said_and_no_picture_pretends_to_know_it(panel):
    panel.controls["requests"].value, panel.controls["duration_ms"].value = 1e10, 5000
    panel.controls["region"].value = "eu-south-1"
    assert "eu-south-1" in panel.words.value and "unknown" in panel.words.value
    assert panel.picture.value == ""


def test_the_picture_has_alternative_text_with_the_verdict_and_the_origin(panel):
    alt = html.unescape(panel.picture.value.split('alt="')[1].split('"')[0])
    verdict = compare(panel.workload, today=TODAY)
    assert verdict.sentence in alt and verdict.origin.data in alt


def test_the_verdict_is_announced_when_it_changes(panel):
    assert "role='status'" in panel.words.value


def test_old_prices_change_the_picture():
    work = Workload()
    fresh, late = (
        workload_curve(work, compare(work, today=day)) for day in (TODAY, dt.date(2027, 6, 1))
    )
    red = np.array([int(style.palette().bad[at : at + 2], 16) for at in (1, 3, 5)])

    def reds(png):
        return int(
            (
                np.abs(
                    np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int) - red
                ).sum(axis=2)
                < 12
            ).sum()
        )

    assert reds(late) > 100 > reds(fresh)


def test_the_output_carries_the_numbers_for_a_page_without_a_kernel(panel):
    panel.controls["requests"].value = 1e9
    bundle = panel._repr_mimebundle_()
    assert Workload(**json.loads(json.dumps(bundle[MIME]))) == panel.workload
    assert "application/vnd.jupyter.widget-view+json" in bundle


# --- on a slide ---


@pytest.fixture(scope="module")
def slide_url(root, tmp_path_factory):
    """Serve a deck of one slide with the panel on it, as scripts/present does."""
    folder, private = tmp_path_factory.mktemp("deck"), tmp_path_factory.mktemp("private")
    for part in ("assets/deck", "assets/fonts", "assets/jupyter", "notebooks"):
        shutil.copytree(root / part, folder / part)
    real = nbformat.read(root / jupyter.NOTEBOOK, as_version=4)
    title = nbformat.v4.new_markdown_cell(
        "## Your numbers decide",
        metadata={"slideshow": {"slide_type": "slide", "question": "Lambda or EC2?"}},
    )
    cell = nbformat.v4.new_code_cell("from lambdadeck import panel; panel.your_numbers()")
    nbformat.write(
        nbformat.v4.new_notebook(cells=[title, cell], metadata=real.metadata),
        folder / jupyter.NOTEBOOK,
    )
    with Shutdown() as never, ExitStack() as stack:
        stack.callback(shutil.rmtree, jupyter.runtime(private), ignore_errors=True)
        served = present.serve(
            None,
            lambda port, token: jupyter.start(folder, port, token, private),
            private,
            stack,
            never,
        )
        assert served.answered, (private / "jupyter.log").read_text()
        yield jupyter.deck_url(served.port, served.token)


def test_on_a_slide_the_panel_fits_and_the_verdict_follows_the_slider(stage, slide_url):
    stage.open(slide_url)
    assert [output.errors for output in stage.run()] == [[]]
    page, verdict = stage.page, stage.page.locator(".lambdadeck-verdict")
    page.wait_for_function("document.querySelector('.lambdadeck-panel img')?.complete")
    assert verdict.inner_text().startswith("Lambda is cheaper")
    assert stage.past_the_edge == [] and stage.too_small == []
    knob = page.locator(".lambdadeck-panel .noUi-handle").first.bounding_box()
    page.mouse.move(knob["x"] + 5, knob["y"] + 5)
    page.mouse.down()
    page.mouse.move(knob["x"] + 100, knob["y"] + 5, steps=5)
    # The button is still down: this is what the audience sees while the slider moves.
    page.wait_for_function(
        "document.querySelector('.lambdadeck-verdict').innerText.startsWith('EC2 is cheaper')"
    )
    page.mouse.up()
    page.wait_for_function(
        "document.querySelector('.stage-finding').innerText.startsWith('EC2 is cheaper: $')"
    )
    assert "EC2 about" in page.locator(".stage-source").inner_text()
    assert stage.past_the_edge == []
    page.locator(".lambdadeck-panel .jupyter-widget-Collapse-header").click()
    page.wait_for_function("!document.querySelector('.lambdadeck-panel img')?.offsetParent")
    assert stage.past_the_edge == []
