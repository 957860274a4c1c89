"""The figures of the talk: true titles, readable pictures, and the same numbers in words."""

import base64
import csv
import datetime as dt
import io
import json
import subprocess
import sys
from dataclasses import dataclass

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from lambdadeck import costs, figures, prices, style
from tests import figure_check

FRESH, LATER = dt.date(2026, 11, 23), dt.date(2027, 6, 1)
ARM = ("c7g.large", "m7g.large", "t4g.small", "c8g.large")


@dataclass
class Shot:
    """An invocation of a burst, made up."""

    start_ms: float
    end_ms: float
    environment: str
    cold: bool


@dataclass
class Report:
    """A REPORT line, made up."""

    duration_ms: float
    billed_ms: float
    memory_mb: float
    init_ms: float | None = None


def burst(environments, each=3):
    """A cold start and then warm invocations in each environment, a little apart."""
    return [
        Shot(1000 + 7 * row + 80 * number, 1070 + 7 * row + 80 * number, f"env-{row}", number == 0)
        for row in range(environments)
        for number in range(each)
    ]


DRAWN = {
    "monthly cost": lambda: figures.monthly_cost(today=FRESH),
    "monthly cost, old prices": lambda: figures.monthly_cost(region="eu-south-1", today=LATER),
    "monthly cost, many knobs": lambda: figures.monthly_cost(
        250, (512,), ARM, arch="arm64", free_tier=True, min_instances=2, peak_factor=3, utilisation=0.6, today=LATER
    ),
    "monthly cost, price unknown from the second tier on": lambda: figures.monthly_cost(
        10_000, (10_240, 1769), ("m5.large",), region="af-south-1", requests=(1e6, 1e10), today=FRESH
    ),
    "vCPU-hour": lambda: figures.vcpu_hour(today=FRESH),
    "vCPU-hour, others": lambda: figures.vcpu_hour(
        ("m5.large", "m7a.large", "t3.micro", "t4g.large", "c8g.large"), region="us-east-1", today=LATER
    ),
    "rounding": lambda: figures.rounding(today=FRESH),
    "rounding, longer": lambda: figures.rounding(950, memory_mb=128, today=LATER),
    "winner map": lambda: figures.winner_map(today=FRESH),
    "winner map, the other way round": lambda: figures.winner_map(1e9, "t3.medium", min_instances=2, today=FRESH),
    "winner map, arm64": lambda: figures.winner_map(1e8, "c7g.large", arch="arm64", today=LATER),
    "winner map, price unknown far out": lambda: figures.winner_map(1e8, "m5.large", region="af-south-1", today=FRESH),
    "architectures": lambda: figures.architectures(today=FRESH),
    "regions": lambda: figures.regions(today=FRESH),
    "regions, arm64": lambda: figures.regions("arm64", home="us-east-1", today=LATER),
    "catalogue": lambda: figures.catalogue(today=FRESH),
    "catalogue, another region": lambda: figures.catalogue("eu-west-1", today=LATER),
    "cold starts": lambda: figures.cold_starts(),
    "cold starts, 128 MB": lambda: figures.cold_starts(memory_mb=128),
    "one invocation": lambda: figures.burst_timeline(burst(1, 1), today=FRESH),
    "a burst": lambda: figures.burst_timeline(burst(10), today=FRESH),
    "a large burst": lambda: figures.burst_timeline(burst(120), today=FRESH),
    "a warm call": lambda: figures.this_call(Report(2.3, 3, 128), today=FRESH),
    "a cold call": lambda: figures.this_call(Report(14.3, 93, 512, 78.4), today=FRESH),
    "the longest call": lambda: figures.this_call(Report(889_700, 890_000, 10_240, 300), today=LATER),
}


@pytest.fixture(scope="module")
def drawn():
    """Every figure of DRAWN, drawn once."""
    return {name: draw() for name, draw in DRAWN.items()}


@pytest.fixture(params=DRAWN)
def figure(request, drawn):
    return drawn[request.param]


@pytest.fixture(scope="module")
def bundles(drawn):
    """What Jupyter gets of every figure, made once."""
    return {id(figure): figure._repr_mimebundle_() for figure in drawn.values()}


def lines(figure, colour):
    """The lines of one colour."""
    return [line for line in figure.fig.axes[0].get_lines() if to_hex(line.get_color()) == colour]


# --- every figure ---


def test_no_text_is_smaller_than_14_px(figure):
    assert figure_check.too_small(figure) == []


def test_no_text_is_cut_off(figure):
    assert figure_check.cut_off(figure) == []


def test_no_text_covers_another(figure):
    assert figure_check.collisions(figure) == []


def test_the_picture_shows_title_reading_line_and_origin(figure):
    shown = " ".join(text.get_text().replace("\n", " ") for text in figure.fig.texts)
    assert figure.title in shown and figure.how_to_read in shown and figure.how_to_read.startswith("How to read: ")
    assert figure.data.split(" Mind: ")[0].rstrip(".") in shown


def test_the_numbers_are_a_table_and_the_same_table_as_csv(figure):
    headers, rows = figure.table
    assert rows and all(len(row) == len(headers) for row in rows)
    read = list(csv.reader(io.StringIO(figure.csv())))
    assert read == [[*map(str, headers)], *[["" if cell is None else str(cell) for cell in row] for row in rows]]


def test_the_output_is_a_sharp_png_with_alternative_text(figure, bundles):
    data, metadata = bundles[id(figure)]
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    about = metadata["image/png"]
    assert picture.size == (2 * about["width"], 2 * about["height"]) == (2200, 800)
    assert about["alt"] == figure.alt and len(figure.alt) > 60
    assert figure.how_to_read in data["text/plain"]


def test_the_output_carries_its_words_and_numbers_as_strict_json(figure, bundles):
    data, _ = bundles[id(figure)]
    words = json.loads(json.dumps(data["application/vnd.lambdadeck.figure+json"], allow_nan=False))
    assert (words["title"], words["alt"], words["data"]) == (figure.title, figure.alt, figure.data)
    assert len(words["table"]["rows"]) == len(figure.table[1])


def test_a_figure_with_prices_says_currency_date_and_source(figure):
    if "US$" in " ".join(map(str, figure.table[0])):
        assert "US$" in figure.data and "2026-" in figure.data and "price" in figure.data


def test_a_figure_does_not_depend_on_the_notebooks_settings():
    plain = figures.architectures(today=FRESH).png(1)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "lines.linewidth": 9}):
        assert figures.architectures(today=FRESH).png(1) == plain


def test_figures_need_only_numpy_and_matplotlib():
    code = "import sys, lambdadeck.figures; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert not loaded & {"boto3", "botocore", "ministack", "IPython", "ipywidgets", "uvicorn", "psutil", "pandas"}


# --- old prices ---


@pytest.mark.parametrize("name", ["monthly_cost", "vcpu_hour", "rounding", "winner_map", "architectures", "catalogue"])
def test_old_prices_are_called_old_and_fresh_ones_are_not(name):
    draw = getattr(figures, name)
    assert "days old" not in draw(today=FRESH).data
    late = draw(today=LATER)
    assert "days old" in late.data
    assert any("days old" in text.get_text() for text in late.fig.texts)


def test_only_the_regions_with_old_prices_are_named_when_others_are_fresh():
    warning = figures.regions(today=FRESH).data.split("Mind: ")[1]
    assert "me-central-1" in warning and "eu-west-1" not in warning


# --- what each one finds ---


def test_monthly_cost_finds_the_break_even_of_the_cost_model():
    even = costs.break_even("c6i.large", region="eu-west-1", arch="x86_64", duration_ms=100, memory_mb=1769)
    figure = figures.monthly_cost(instances=("c6i.large",), today=FRESH)
    assert figure.title == f"Below {costs.human_count(even.requests)} requests a month Lambda is cheaper than c6i.large"
    (dot,) = lines(figure, style.palette().ink)
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((even.requests, even.usd))


def test_monthly_cost_says_so_when_lambda_is_always_cheaper():
    assert "cheaper at any load" in figures.monthly_cost(instances=("t3.medium",), today=FRESH).title


def test_monthly_cost_draws_lambda_solid_and_ec2_dashed_so_that_grey_tells_them_apart():
    figure = figures.monthly_cost(today=FRESH)
    assert {line.get_linestyle() for line in lines(figure, style.palette().aws_lambda)} == {"-"}
    assert {line.get_linestyle() for line in lines(figure, style.palette().ec2)} == {"--"}


def test_monthly_costs_table_holds_the_bills_at_whole_powers_of_ten():
    headers, rows = figures.monthly_cost(memory_mb=(1769, 512), today=FRESH).table
    row = next(row for row in rows if round(row[0], -5) == 10_000_000)
    bill = costs.lambda_bill(row[0], 100, 512, region="eu-west-1", arch="x86_64")
    assert headers[2] == "Lambda 512 MB (US$)"
    assert row[2] == pytest.approx(bill.total_usd, abs=0.01)


def test_monthly_cost_says_every_knob_that_was_turned():
    data = figures.monthly_cost(free_tier=True, min_instances=2, peak_factor=3, today=FRESH).data
    assert all(words in data for words in ("free tier used", "min instances 2", "peak factor 3", "at their baseline"))
    assert "no free tier" in figures.monthly_cost(today=FRESH).data


def test_a_price_that_nobody_knows_stops_the_figure_with_its_name():
    with pytest.raises(LookupError, match="me-central-1"):
        figures.this_call(Report(2.3, 3, 128), region="me-central-1", today=FRESH)


def test_a_line_ends_where_its_price_stops_being_known(drawn):
    figure = drawn["monthly cost, price unknown from the second tier on"]
    assert any("then price unknown" in text.get_text() for text in figure_check.texts(figure))
    assert figure.table[1][-1][1] is None


def test_the_vcpu_hour_shows_the_known_break_evens():
    figure = figures.vcpu_hour(today=FRESH)
    assert "44% to 55%" in figure.title and "t3.medium never" in figure.title
    found = {row[0]: row[-1] for row in figure.table[1]}
    assert found == {"c6i.large": "44%", "c7g.large": "47%", "m7g.large": "55%", "t3.medium": "never"}
    assert {row[0]: row[-2] for row in figure.table[1]}["c6i.large"] == pytest.approx(0.1037, abs=5e-5)


def test_the_curve_of_a_burstable_instance_ends_at_its_baseline():
    figure = figures.vcpu_hour(("t3.medium",), today=FRESH)
    (curve,) = lines(figure, style.palette().ec2)
    assert curve.get_xdata().max() == pytest.approx(0.2)


def test_rounding_compares_the_two_bills_at_the_duration_asked_for():
    now, then = (
        costs.lambda_bill(1e6, 12, 1024, region="eu-west-1", arch="x86_64", rounding_ms=step).total_usd for step in (1, 100)
    )
    title = figures.rounding(12, today=FRESH).title
    assert costs.human_usd(now) in title and costs.human_usd(then) in title
    assert "either way" in figures.rounding(200, today=FRESH).title


def test_the_winner_changes_where_the_bills_are_the_same():
    figure = figures.winner_map(10e6, "c6i.large", today=FRESH)
    assert "up to 220 ms at 1,769 MB" in figure.title
    bills = [costs.lambda_bill(10e6, ms, 1769, region="eu-west-1", arch="x86_64").total_usd for ms in (200, 240)]
    ec2 = costs.ec2_bill("c6i.large", region="eu-west-1", requests=10e6, duration_ms=220, memory_mb=1769).total_usd
    assert bills[0] < ec2 < bills[1]


def test_the_winner_map_tells_its_areas_apart_by_hatching(drawn):
    hatches = [area.hatches for area in drawn["winner map"].fig.axes[0].collections if getattr(area, "hatches", None)]
    assert [style.HATCH, None] in [list(one) for one in hatches]


def test_arm64_breaks_even_where_its_longer_time_eats_its_lower_price():
    prices_of = [prices.lambda_price("eu-west-1", arch).usd_per_gb_s for arch in prices.ARCHITECTURES]
    figure = figures.architectures(today=FRESH)
    assert f"{prices_of[0] / prices_of[1] - 1:.0%} longer" in figure.title
    (even,) = [line for line in lines(figure, style.palette().ink)]
    assert even.get_xdata()[0] == pytest.approx(prices_of[0] / prices_of[1])


def test_regions_lists_every_region_and_marks_the_unknown():
    headers, rows = figures.regions(today=FRESH).table
    assert [row[0] for row in rows] == list(prices.regions())
    assert next(row for row in rows if row[0] == "me-central-1")[2] is None
    same = sum(row[1] == 16.6667 for row in rows)
    assert figures.regions(today=FRESH).title.startswith(f"{same} of {len(rows)} regions")


def test_the_catalogue_lists_every_type_of_the_region():
    figure = figures.catalogue(today=FRESH)
    assert len(figure.table[1]) == len(prices.ec2_catalogue("us-east-1"))
    assert f"{len(figure.table[1]):,} EC2 types" in figure.title


def test_dearer_is_darker_in_grey_too():
    from lambdadeck.figures_catalogue import _darker

    grey = _darker()(np.linspace(0, 1, 50))[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(grey) < 0)


def test_cold_starts_name_the_fastest_and_the_slowest_language():
    figure = figures.cold_starts()
    assert figure.title == "INIT takes 13 ms in Rust and 288 ms in .NET 10"
    assert figure.table[1][0] == ("Rust", 16.1, 13.3)
    assert "not here" in figure.data and "2026-08" in figure.data


def test_cold_starts_refuse_a_memory_that_nobody_measured():
    with pytest.raises(LookupError, match="10240 MB"):
        figures.cold_starts(memory_mb=10240)


# --- a burst ---


def test_a_burst_counts_environments_and_cold_starts():
    figure = figures.burst_timeline(burst(4), today=FRESH)
    assert figure.title == "12 invocations, 4 environments: 4 cold starts, 8 warm"
    assert "2026-11-23" in figure.data and "this machine" in figure.data
    assert figures.burst_timeline(burst(1, 1)).title == "1 invocation, 1 environment: 1 cold start, 0 warm"


@pytest.mark.parametrize("environments", [3, 120])
def test_cold_bars_are_hatched_and_warm_ones_are_not(environments):
    axes = figures.burst_timeline(burst(environments), today=FRESH).fig.axes[0]
    hatches = [bar.get_hatch() for bar in axes.patches]
    assert hatches.count(style.HATCH) == environments and hatches.count(None) == 2 * environments
    assert [text.get_text()[:4] for text in axes.get_legend().get_texts()] == ["cold", "warm"]


def test_a_bar_is_where_its_invocation_was():
    shots = burst(2)
    axes = figures.burst_timeline(shots, today=FRESH).fig.axes[0]
    drawn = sorted((round(bar.get_x(), 6), round(bar.get_x() + bar.get_width(), 6)) for bar in axes.patches)
    assert drawn == sorted((shot.start_ms - 1000, shot.end_ms - 1000) for shot in shots)


def test_a_bursts_table_has_every_invocation_in_order():
    headers, rows = figures.burst_timeline(burst(3)[::-1], today=FRESH).table
    starts = [row[headers.index("start (ms)")] for row in rows]
    assert len(rows) == 9 and starts == sorted(starts) and starts[0] == 0


def test_no_burst_is_a_sentence_and_no_picture():
    with pytest.raises(ValueError, match="run a burst first"):
        figures.burst_timeline([])


# --- the call just made ---


def test_the_call_just_made_lies_on_its_own_curve():
    figure = figures.this_call(Report(14.3, 93, 512, 78.4), today=FRESH)
    usd = costs.lambda_bill(1e6, 93, 512, region="eu-west-1", arch="x86_64").total_usd
    (dot,) = lines(figure, style.palette().ink)
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((93, usd))
    own = max(lines(figure, style.palette().aws_lambda), key=lambda line: len(line.get_xdata()))
    on_curve = np.exp(np.interp(np.log(93), np.log(own.get_xdata()), np.log(own.get_ydata())))
    assert on_curve == pytest.approx(usd, rel=0.001)


def test_a_cold_call_is_set_beside_the_same_call_warm():
    figure = figures.this_call(Report(14.3, 93, 512, 78.4), today=FRESH)
    warm = costs.lambda_bill(1e6, 15, 512, region="eu-west-1", arch="x86_64").total_usd
    shown = " ".join(text.get_text() for text in figure_check.texts(figure))
    assert "this call, cold" in shown and f"the same, warm: {costs.human_usd(warm)}" in shown
    assert "billed 15 ms" in figure.alt


def test_a_warm_call_claims_no_cold_start():
    figure = figures.this_call(Report(2.3, 3, 128), today=FRESH)
    assert "cold" not in " ".join(text.get_text() for text in figure_check.texts(figure))


def test_a_call_is_priced_at_the_duration_measured_here_unless_told_otherwise():
    assert "measured here, not in AWS" in figures.this_call(Report(2.3, 3, 128), today=FRESH).data
    assert "measured in AWS" in figures.this_call(Report(2.3, 3, 128), where="measured in AWS", today=FRESH).data
