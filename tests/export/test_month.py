"""A month dropped onto the page: read and priced as in Python, without leaving the browser."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from lambdadeck import costs, prices
from lambdadeck.export import outputs
from lambdadeck.shared.paths import ASSETS
from tests.costs.test_month import FIRST, FUNCTIONS, HEADER, LONG, SECOND, WRONG, read
from tests.support.exporting import Opened, code, converted, markdown, opened, shows

EXAMPLE = [ASSETS / "month" / name for name in ("hours.csv", "functions.csv")]
READ = """([hours, about]) => {
  const file = (name, text) => ({ name, bytes: new TextEncoder().encode(text).buffer });
  try {
    const month = deck.monthFrom(file("hours.csv", hours), file("functions.csv", about));
    const functions = month.functions.map(one => Object.values(one));
    return [functions, month.start, month.invocations, month.duration_ms];
  } catch (problem) { return problem.message; }
}"""
BILL = """([hours, functions, works]) => {
  const file = (name, text) => ({ name, bytes: new TextEncoder().encode(text).buffer });
  const month = deck.monthFrom(file("hours.csv", hours), file("functions.csv", functions));
  return works.map(([work, fixed]) => { try {
    return deck.monthBill(deck.numbers.tables, { ...deck.numbers.state, ...work }, month, fixed);
  } catch (problem) { return problem.message; } });
}"""
QUOTED = 'Timestamp,"a Invocations","a Duration",b Invocations,b Duration\r\n'
ALSO_RIGHT = (
    HEADER + FIRST + SECOND,
    "\ufeff" + HEADER + SECOND + "\n" + FIRST,
    LONG,
    QUOTED + FIRST.replace(",2,", ',"2",') + SECOND.replace("\n", "\r\n"),
    HEADER + "2026-10-01T05:30+05:30,2,200,1,5e1\n2026-10-01 01,0,0,+3,90.\n",
)
ALSO_WRONG = (
    HEADER + "2026-02-30T00:00:00Z,1,1,1,1\n",
    HEADER + "2026-10-01T24:00:00Z,1,1,1,1\n",
    HEADER + "2026-10-01T00:00:00.5Z,1,1,1,1\n",
    HEADER + "2026-10-01T00:00:00Z,1_0,1,1,1\n",
    HEADER + "2026-10-01T00:00:00Z,inf,1,1,1\n",
    LONG.replace("a Invocations", "a invocations"),
    LONG.replace("a Invocations", " Invocations"),
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("month") / "month.html"
    data = shows()
    data.data[outputs.NUMBERS] = {}
    target.write_text(converted(markdown("## Your numbers", id="yours"), code("panel()", data)))
    return target


@pytest.fixture
def numbers(chromium: Browser, page: Path) -> Iterator[Opened]:
    with opened(chromium, page, "#/yours") as ready:
        yield ready


def said_by_python(folder: Path, hours: str, functions: str) -> object:
    try:
        month = read(folder, hours, functions)
    except ValueError as problem:
        return str(problem)
    return [
        [list(vars(one).values()) for one in month.functions],
        month.start.timestamp() * 1000,
        month.invocations.tolist(),
        month.duration_ms.tolist(),
    ]


def test_files_are_read_and_refused_as_in_python(numbers: Opened, tmp_path: Path) -> None:
    files = [(hours, functions) for hours, functions, _ in WRONG]
    files += [(hours, FUNCTIONS) for hours in (*ALSO_RIGHT, *ALSO_WRONG)]
    wrong = []
    for hours, functions in files:
        ours, theirs = (
            said_by_python(tmp_path, hours, functions),
            numbers.page.evaluate(READ, [hours, functions]),
        )
        if theirs != ours:
            wrong.append((hours, functions, ours, theirs))
    assert wrong == []


def priced_by_python(month: costs.Month, work: costs.Workload, fixed: bool) -> costs.MonthBill:
    return costs.month_bill(
        month,
        region=work.region,
        free_tier=work.free_tier,
        fixed=fixed,
        instances=costs.common_instances(work.region),
        discount=work.ec2_discount,
        peak_factor=work.peak_factor,
        cpu_share=work.cpu_share,
        utilization=work.utilization,
        min_instances=work.zones,
    )


def faults(ours: costs.MonthBill, theirs: dict[str, object]) -> Iterator[object]:
    close = {"rel": 1e-9, "abs": 1e-6}
    for name, hourly in (
        ("lambda", ours.lambda_hourly_usd),
        ("ec2", ours.ec2_hourly_usd),
        ("mix", ours.mix_hourly_usd),
    ):
        if theirs[name] != pytest.approx(hourly.tolist(), **close):
            yield name
    words = (ours.sentence, ours.error_sentence, ours.assumptions)
    if (theirs["sentence"], theirs["error"], theirs["assumed"]) != words:
        yield words, theirs["sentence"], theirs["error"], theirs["assumed"]
    for one, other in zip(ours.functions, theirs["functions"], strict=True):
        usd = (one.lambda_usd, one.ec2_usd)
        if (other["lambda_usd"], other["ec2_usd"]) != pytest.approx(usd, **close):
            yield one, other
        if (one.name, one.fleet, one.moves) != (other["name"], other["fleet"], other["moves"]):
            yield one, other


def random_options(dice: random.Random) -> costs.Workload:
    return costs.Workload(
        region=dice.choice(["eu-west-1", "us-east-1", "ap-southeast-5", "eu-south-1"]),
        free_tier=dice.random() < 0.5,
        peak_factor=dice.choice([1, 2.5]),
        cpu_share=dice.choice([1, 0.3, 0.05]),
        utilization=dice.choice([0.65, 1, 0.4]),
        zones=dice.choice([1, 2, 3]),
        ec2_discount=dice.choice([0, 0.27]),
    )


def test_the_example_month_costs_what_it_costs_in_python(
    numbers: Opened, request: pytest.FixtureRequest
) -> None:
    dice, month = random.Random(18), costs.example_month()
    works = [(random_options(dice), dice.random() < 0.5) for _ in range(6)]
    works += [(replace(costs.Workload(), region=one), True) for one in costs.priced_regions()[:2]]
    if request.config.getoption("--full"):
        works += [(random_options(dice), dice.random() < 0.5) for _ in range(200)]
    texts = [path.read_text(encoding="utf-8") for path in EXAMPLE]
    asked = [[vars(work), fixed] for work, fixed in works]
    found = numbers.page.evaluate(BILL, [*texts, asked])
    wrong, priced = [], 0
    for (work, fixed), theirs in zip(works, found, strict=True):
        try:
            ours = priced_by_python(month, work, fixed)
        except (prices.UnknownPrice, costs.TooSmall) as problem:
            wrong += [] if theirs == str(problem.args[0]) else [(work, problem, theirs)]
            continue
        priced += 1
        wrong += [(work, fixed, fault) for fault in faults(ours, theirs)]
    assert wrong == [] and priced >= 5


def test_two_files_are_enough_and_nothing_leaves_the_browser(numbers: Opened) -> None:
    page, asked = numbers.page, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".month summary").click()
    page.locator(".month [type=file]").set_input_files(EXAMPLE[::-1])
    page.wait_for_selector(".month .by-function tr")
    work = costs.Workload()
    bill = priced_by_python(costs.example_month(), work, fixed=False)
    assert page.locator(".month .said").inner_text() == f"{bill.sentence}."
    assert page.locator(".month .by-function tr").count() == 14
    assert page.locator(".month .drawn path").count() == 3
    page.locator(".month [type=checkbox]").check()
    fixed = priced_by_python(costs.example_month(), work, fixed=True)
    assert page.locator(".month .said").inner_text() == f"{fixed.sentence}."
    page.locator(".month [type=file]").set_input_files(EXAMPLE[:1])
    assert "Drop two files together" in page.locator(".month .said").inner_text()
    assert page.locator(".month .by-function tr").count() == 0
    assert asked == [] and numbers.slide == "yours"
