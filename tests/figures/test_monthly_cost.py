"""A month on Lambda and on EC2: the figure shows what the cost model says."""

import pytest
from matplotlib.collections import PolyCollection

from lambdadeck import costs, figures
from lambdadeck.shared import style
from tests.support import figure_check
from tests.support.cases import each
from tests.support.figure_cases import DRAWN, FRESH, lines


def test_monthly_cost_finds_the_break_even_of_the_cost_model():
    even = costs.break_even(
        "c6i.large", region="eu-west-1", arch="x86_64", duration_ms=100, memory_mb=1769
    )
    figure = figures.monthly_cost(instances=("c6i.large",), today=FRESH)
    assert (
        figure.title == f"Below {costs.human_count(even.requests)} requests a month "
        "Lambda is cheaper than c6i.large"
    )
    (dot,) = lines(figure, style.palette().ink)
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == pytest.approx((even.requests, even.usd))


def test_monthly_cost_says_so_when_lambda_is_always_cheaper():
    assert (
        "cheaper at any load"
        in figures.monthly_cost(instances=("t3.medium",), burst_baseline=True, today=FRESH).title
    )


def test_monthly_cost_draws_lambda_solid_and_ec2_dashed_so_that_grey_tells_them_apart():
    figure = figures.monthly_cost(
        instances=("t3.medium", "c6i.large", "c6i.2xlarge"), burst_baseline=True, today=FRESH
    )
    assert {line.get_linestyle() for line in lines(figure, style.palette().aws_lambda)} == {"-"}
    assert [line.get_linestyle() for line in lines(figure, style.palette().ec2)] == [
        ":",
        "--",
        "--",
    ]


def test_monthly_costs_table_holds_the_bills_at_whole_powers_of_ten():
    headers, rows = figures.monthly_cost(
        memory_mb=(1769, 512), instances=("c6i.large",), today=FRESH
    ).table
    row = next(row for row in rows if row[0] == 10_000_000)
    bill = costs.lambda_bill(row[0], 100, 512, region="eu-west-1", arch="x86_64")
    assert headers[2] == "Lambda 512 MB (US$)"
    assert row[2] == pytest.approx(bill.total_usd, abs=0.01)


@each(
    ("sizes", "types"), [((1769,), ("t3.medium", "c6i.large")), ((1769, 512, 128), ("c6i.large",))]
)
def test_ec2_is_sized_for_the_same_work_as_the_lambda_that_it_is_compared_with(sizes, types):
    _, rows = figures.monthly_cost(memory_mb=sizes, instances=types, today=FRESH).table
    load = {"requests": [row[0] for row in rows], "region": "eu-west-1", "duration_ms": 100}
    fleets = [
        costs.ec2_bill(name, memory_mb=mb, utilization=0.65, **load).total_usd
        for mb in sizes
        for name in types
    ]
    for number, bill in enumerate(fleets, start=1 + len(sizes)):
        assert [row[number] for row in rows] == pytest.approx(bill.tolist(), abs=0.01)


@each(
    ("sizes", "types"),
    [((1769,), ("c6i.large", "c6i.2xlarge")), ((1769, 512, 128), ("c6i.large",))],
)
def test_each_comparison_has_its_dot_where_the_cost_model_says_and_is_a_row_of_the_table(
    sizes, types
):
    figure = figures.monthly_cost(memory_mb=sizes, instances=types, today=FRESH)
    dots = [
        (line.get_xdata()[0], line.get_ydata()[0]) for line in lines(figure, style.palette().ink)
    ]
    work = {"region": "eu-west-1", "arch": "x86_64", "duration_ms": 100}
    evens = [costs.break_even(name, memory_mb=mb, **work) for mb in sizes for name in types]
    assert dots == [(pytest.approx(even.requests), pytest.approx(even.usd)) for even in evens]
    shown = {text.get_text() for text in figure_check.texts(figure)}
    assert {
        f"{costs.human_count(even.requests)}\n{even.utilization:.0%} busy" for even in evens
    } <= shown
    for number, even in enumerate(evens):
        row = next(row for row in figure.table[1] if row[0] == round(even.requests))
        lambdas = 1 + (number if len(sizes) > 1 else 0)
        assert row[lambdas] == pytest.approx(row[1 + len(sizes) + number], abs=0.01)


def test_a_line_without_a_dot_says_why():
    def names(**options):
        figure = figures.monthly_cost(
            instances=("t3.medium", "c6i.2xlarge"), burst_baseline=True, today=FRESH, **options
        )
        return {text.get_text() for text in figure_check.texts(figure)}

    assert {"t3.medium: never", "c6i.2xlarge"} <= names()
    assert "c6i.2xlarge: cheaper above 86 million" in names(requests=(1e5, 1e7))


def test_a_burstable_instance_is_billed_unlimited_and_the_corner_says_so():
    figure = figures.monthly_cost(instances=("t3.medium",), today=FRESH)
    bill = costs.ec2_bill(
        "t3.medium", region="eu-west-1", requests=3e7, duration_ms=100, memory_mb=1769
    )
    assert next(row for row in figure.table[1] if row[0] == 3e7)[2] == pytest.approx(60.35)
    assert bill.total_usd == pytest.approx(60.35, abs=0.005)
    assert "t3.medium $0.05 a vCPU-hour above 20% of its CPU" in figure.data


def test_the_background_has_the_color_of_the_cheapest_and_several_sizes_have_none():
    figure = figures.monthly_cost(instances=("c6i.large",), today=FRESH)
    on_lambda, on_ec2 = (
        [path.get_extents() for path in area.get_paths()] for area in areas(figure)
    )
    work = {"duration_ms": 100, "memory_mb": 1769, "utilization": 0.65}
    even = costs.break_even("c6i.large", region="eu-west-1", **work)
    assert on_lambda[0].x0 == 1e6 and on_ec2[-1].x1 == 3e8
    assert on_ec2[0].x0 == pytest.approx(even.requests, rel=0.01)
    assert areas(figures.monthly_cost(memory_mb=(1769, 512), instances=("c6i.large",))) == []


def areas(figure):
    return [one for one in figure.fig.axes[0].collections if isinstance(one, PolyCollection)]


def test_memory_sizes_and_instance_types_are_not_compared_at_once():
    with pytest.raises(ValueError, match="one instance type"):
        figures.monthly_cost(
            memory_mb=(1769, 512), instances=("t3.medium", "c6i.large"), today=FRESH
        )


def test_monthly_cost_says_every_knob_that_was_turned():
    data = figures.monthly_cost(free_tier=True, min_instances=2, peak_factor=3, today=FRESH).data
    assert all(words in data for words in ("free tier used", "min instances 2", "peak factor 3"))
    plain = figures.monthly_cost(today=FRESH)
    assert "no free tier" in plain.data and "at most 65% busy" in plain.data


def test_what_a_comparison_assumes_is_in_full_in_its_alternative_text():
    for one in (figures.monthly_cost(today=FRESH), figures.winner_map(today=FRESH)):
        assert one.assumed in one.alt and one.assumed.endswith(
            "at most 65% busy, no peak, no spare, no load balancer, all of the duration on a CPU, "
            "no volumes, no public addresses, no logs, data transfer, or people"
        )


def test_a_line_ends_where_its_price_stops_being_known():
    figure = DRAWN["monthly cost, price unknown from the second tier on"]()
    assert any("then price unknown" in text.get_text() for text in figure_check.texts(figure))
    assert figure.table[1][-1][1] is None
