"""The page's panel gives the same bills and verdicts as lambdadeck.costs, to the cent."""

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lambdadeck import costs, prices
from lambdadeck.export import outputs, panel
from tests.support.exporting import Opened, code, converted, deck, markdown, opened, shows

FIELDS = tuple(panel.START)
JUDGE = """works => works.map(work => {
  try {
    const found = deck.comparison.compare(deck.numbers.tables, work);
    const { even, title, sentence } = found;
    const requests = String(even.requests);
    const { lambda, ec2, instances, flip, safe } = found;
    return [lambda, ec2, instances, requests, title, sentence, even.sentence, flip, safe,
      deck.assumptions(deck.numbers.tables, work)];
  } catch (problem) { return problem.message; }
})"""


VALUES: dict[str, tuple[object, ...]] = {
    "requests": (0, 999, 12_345, 1e6, 5e6, 7.77e7, 1e9, 1e10, 1e12),
    "duration_ms": (1, 3.2, 100, 1500, 60_000),
    "memory_mb": (128, 512, 1769, 10_240),
    "arch": prices.ARCHITECTURES,
    "region": ("eu-west-1", "us-east-1", "af-south-1", "me-central-1"),
    "instance": ("c6i.large", "t3.micro", "m7g.large"),
    "peak_factor": (1, 2.5, 20),
    "free_tier": (False, True),
    "cpu_share": (1, 0.3, 0.02),
    "utilization": (0.65, 1, 0.4),
    "zones": (1, 2, 3),
    "lambda_front": ("function-url", "http-api", "rest-api", "alb"),
    "ec2_front": ("none", "alb", "http-api"),
    "lambda_discount": (0, 0.12),
    "ec2_discount": (0, 0.27),
}


def grid(count: int) -> list[dict[str, object]]:
    """Return points of every option; the first value is as frequent as all others together."""
    dice = random.Random(2017)
    plain = set(FIELDS[8:])
    return [
        {
            name: values[0] if name in plain and dice.random() < 0.5 else dice.choice(values)
            for name, values in VALUES.items()
        }
        for _ in range(count)
    ]


def typed(page: Page, name: str = "requests") -> str:
    """Return what the field beside a slider shows."""
    return page.locator(f"[name={name}_typed]").input_value()


def offered(region: str) -> list[str]:
    return costs.common_instances(region) if region in costs.priced_regions() else []


def said_by_python(work: dict[str, object]) -> tuple[object, ...] | str:
    try:
        found = costs.compare(costs.Workload(**work))
    except (prices.UnknownPrice, costs.TooSmall) as problem:
        return str(problem.args[0])
    return (
        found.lambda_usd,
        found.ec2_usd,
        found.instances,
        found.break_even_requests,
        found.title,
        found.sentence,
        found.break_even_sentence,
        found.flip_sentence,
        found.safe_sentence,
        costs.Workload(**work).assumptions,
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("numbers") / "numbers.html"
    data = shows()
    data.data[outputs.NUMBERS] = {"requests": 2e6}
    target.write_text(
        converted(
            markdown("# Before", id="before"),
            markdown("## Your numbers", id="yours"),
            code("panel()", data),
            markdown("## After", id="after"),
        )
    )
    return target


@pytest.fixture
def numbers(chromium: Browser, page: Path) -> Iterator[Opened]:
    with opened(chromium, page, "#/yours") as ready:
        yield ready


def test_bills_and_verdicts_equal_the_cost_model_to_the_cent(
    numbers: Opened, request: pytest.FixtureRequest
) -> None:
    every = grid(20_000 if request.config.getoption("--full") else 1500)
    works = [work for work in every if work["instance"] in offered(str(work["region"]))]
    in_page = numbers.page.evaluate(JUDGE, works)
    assert len(works) >= 500
    compared = 0
    for work, theirs in zip(works, in_page, strict=True):
        ours = said_by_python(work)
        if isinstance(ours, str):
            assert theirs == ours, work
            continue
        compared += 1
        assert theirs[:2] == pytest.approx(ours[:2], abs=0.004, rel=1e-12), work
        assert theirs[2] == ours[2], work
        assert float(theirs[3].replace("Infinity", "inf")) == pytest.approx(
            ours[3], rel=1e-9, nan_ok=True
        ), work
        assert theirs[4:] == list(ours[4:]), work
    assert compared >= 500


def test_the_panel_starts_where_the_notebook_left_it(numbers: Opened) -> None:
    assert typed(numbers.page) == "2 million"


def test_the_panel_offers_what_the_notebooks_panel_offers(numbers: Opened) -> None:
    def options(name: str) -> list[str]:
        return numbers.page.locator(f"#numbers-{name} option").evaluate_all(
            "all => all.map(one => one.value)"
        )

    offered = numbers.page.evaluate("deck.numbers.tables.quantities")
    assert {name: one["choices"] for name, one in offered.items()} == {
        name: list(one.choices) for name, one in costs.QUANTITIES.items()
    }
    for name, menu in panel.FRONT_MENUS.items():
        assert options(name) == list(menu)
    assert options("region") == costs.priced_regions()
    assert options("instance") == costs.common_instances("eu-west-1")


def test_arrow_keys_move_the_slider_and_not_the_slide(numbers: Opened) -> None:
    page, before = numbers.page, numbers.slide
    page.locator("#numbers-requests").focus()
    verdict_before = page.locator(".verdict").inner_text()
    for key in ("ArrowRight", "ArrowUp", "PageUp", "End"):
        page.keyboard.press(key)
    assert numbers.slide == before == "yours"
    assert typed(page) == "10 billion"
    assert page.locator(".verdict").inner_text() != verdict_before


def test_menus_and_the_check_box_keep_their_keys(numbers: Opened) -> None:
    page = numbers.page
    page.locator("#numbers-region").focus()
    page.keyboard.press("ArrowDown")
    page.locator(".fleet summary").click()
    page.locator("#numbers-free_tier").focus()
    page.keyboard.press("Space")
    assert numbers.slide == "yours"
    assert page.locator("#numbers-free_tier").is_checked()


def test_the_state_is_in_the_address_and_comes_back_from_it(
    chromium: Browser, numbers: Opened
) -> None:
    page = numbers.page
    page.select_option("#numbers-region", "us-east-1")
    page.select_option("#numbers-arch", "arm64")
    page.locator("#numbers-duration_ms").focus()
    page.keyboard.press("ArrowRight")
    said = page.locator(".verdict").inner_text()
    again = chromium.new_page()
    again.goto(page.url)
    again.wait_for_selector("html[data-ready]", state="attached")
    assert "us-east-1" in page.url and "arm64" in page.url
    assert again.locator(".verdict").inner_text() == said
    assert again.evaluate("Reveal.getCurrentSlide().id") == "yours"
    again.close()


def test_nonsense_in_the_address_is_said_and_not_computed(chromium: Browser, page: Path) -> None:
    with opened(
        chromium, page, "?requests=-5&duration_ms=abc&region=moon-1&memory_mb=#/yours"
    ) as ready:
        backing = ready.page.locator(".backing").inner_text()
        assert "requests=-5, duration_ms=abc, memory_mb=, region=moon-1, which cannot be" in backing
        assert typed(ready.page) == "2 million"


def test_any_number_of_requests_can_be_shared(chromium: Browser, page: Path) -> None:
    with opened(chromium, page, "?requests=123456#/yours") as ready:
        assert typed(ready.page) == "123,456"
        assert "arm64" not in ready.page.locator(".verdict").inner_text()


def test_an_unknown_price_is_said_and_never_guessed(chromium: Browser, page: Path) -> None:
    asked = "?region=eu-south-1&requests=1e10&duration_ms=5000&instance=m5.large#/yours"
    with opened(chromium, page, asked) as ready:
        assert "is unknown" in ready.page.locator(".verdict").inner_text()


def test_prices_come_with_region_date_and_source(numbers: Opened) -> None:
    backing = numbers.page.locator(".backing").inner_text()
    price = prices.lambda_price("eu-west-1", "x86_64")
    assert (
        "eu-west-1" in backing
        and price.as_of.isoformat() in backing
        and "AWS Price List" in backing
    )


def test_every_price_of_the_panel_is_the_tables_own() -> None:
    data = json.loads(json.dumps(panel.tables(panel.START)))
    for region, both in data["regions"].items():
        for name, row in both["ec2"].items():
            assert row[2] == prices.ec2_price(region, name).usd_per_hour
        for arch, row in both["lambda"].items():
            assert row["usd_per_gb_s"][0] == prices.lambda_price(region, arch).usd_per_gb_s


def test_the_notebooks_panel_tells_the_page_its_numbers() -> None:
    from lambdadeck import panel as live

    bundle = live.your_numbers(costs.Workload(requests=3e6))._repr_mimebundle_()
    assert bundle[outputs.NUMBERS] == {**panel.START, "requests": 3e6}


TYPED = {
    "requests": ("12.4 million", "12,345,678", "20m", "1.2e7", "12 400 000", "0", "1.5"),
    "duration_ms": ("87 ms", "87", "1.5 s", "2 min", "0.5", "1234.5 ms", "16 min"),
    "memory_mb": ("1,536 MB", "1.5 GB", "1536", "128.5", "20480"),
    "peak_factor": ("3 ×", "2.5x", "0.5"),
    "cpu_share": ("20%", "33.3", "0"),
    "zones": ("2", "1.5"),
    "ec2_discount": ("27 %", "12,4", "abc", ""),
}


def test_a_typed_number_is_computed_as_shown_and_read_as_in_python(numbers: Opened) -> None:
    read = """([name, text]) => { try {
        const { tables } = deck.numbers, quantity = tables.quantities[name];
        const value = deck.quantities.read(tables, quantity, text);
        return [value, deck.quantities.show(quantity, value)];
    } catch (problem) { return problem.message; } }"""
    for name, texts in TYPED.items():
        quantity = costs.QUANTITIES[name]
        for text in texts:
            try:
                value = quantity.read(text)
                ours: object = [value, quantity.show(value)]
                assert quantity.read(quantity.show(value)) == value
            except ValueError as problem:
                ours = str(problem)
            assert numbers.page.evaluate(read, [name, text]) == ours, (name, text)


def test_a_field_takes_what_is_typed_and_names_what_it_cannot_take(numbers: Opened) -> None:
    page = numbers.page
    field = page.locator("[name=requests_typed]")
    field.fill("12.4 million")
    field.press("Enter")
    assert typed(page) == "12.4 million" and "requests=12400000" in page.url
    bill = costs.compare(costs.Workload(requests=12.4e6))
    assert page.locator(".verdict").inner_text() == bill.sentence
    field.fill("12,4 million")
    field.press("Enter")
    assert typed(page) == "12.4 million"
    assert 'cannot read "12,4 million"' in page.locator(".backing").inner_text()
    assert numbers.slide == "yours"


def test_on_a_slide_with_a_question_the_verdict_is_the_title(chromium: Browser) -> None:
    with opened(chromium, deck(), "#/your-numbers") as ready:
        title, written = (ready.page.locator(f"#your-numbers {one}") for one in (".found", "h2"))
        field = ready.page.locator("[name=requests_typed]").first
        for requests, text in ((5e6, "5 million"), (1e9, "1 billion")):
            field.fill(text)
            field.press("Enter")
            assert title.inner_text() == costs.compare(costs.Workload(requests=requests)).title
        assert written.bounding_box()["height"] == 1
    with opened(chromium, deck(), "?view=article#your-numbers") as ready:
        expect(ready.page.locator("#your-numbers .found")).to_be_hidden()
        assert ready.page.locator("#your-numbers .verdict").bounding_box()["height"] > 10


def test_a_type_that_a_region_does_not_sell_has_the_stand_in_of_python(numbers: Opened) -> None:
    page = numbers.page
    region, instance = (page.locator(f"#yours [name={name}]") for name in ("region", "instance"))
    for chosen, elsewhere in (("c8g.large", "af-south-1"), ("m7g.large", "me-south-1")):
        region.select_option("eu-west-1")
        instance.select_option(chosen)
        region.select_option(elsewhere)
        assert instance.input_value() == costs.stand_in(chosen, elsewhere)
        region.select_option("eu-west-1")
        assert instance.input_value() == chosen


def said_four_ways(work: costs.Workload) -> list[object]:
    offered = costs.common_instances(work.region)
    return [
        [way.name, way.usd, [[one.item, one.quantity, one.unit, one.usd] for one in way.lines]]
        for way in costs.four_ways(work, offered)
    ]


def test_four_ways_are_the_lines_of_python_and_a_csv_file(numbers: Opened) -> None:
    works = [
        costs.Workload(**one) for one in grid(60) if one["region"] in ("eu-west-1", "us-east-1")
    ]
    find = """works => works.map(work => deck.fourWays(deck.numbers.tables, work).map(
        ({ name, usd, lines, problem }) => problem || [name, usd,
            lines.map(({ item, quantity, unit, usd }) => [item, quantity, unit, usd])]))"""
    found = numbers.page.evaluate(find, [vars(work) for work in works])
    compared, unsaid = 0, []
    for work, theirs in zip(works, found, strict=True):
        try:
            ours = said_four_ways(work)
        except prices.UnknownPrice as problem:
            unsaid += [] if str(problem.args[0]) in theirs else [(work, problem, theirs)]
            continue
        compared += 1
        assert flat(theirs) == pytest.approx(flat(ours), rel=1e-9), work
        assert words(theirs) == words(ours), work
    assert compared >= 10 and unsaid == []
    numbers.page.locator(".four-ways summary").click()
    link = numbers.page.locator(".four-ways a")
    with numbers.page.expect_download() as got:
        link.click()
    rows = list(csv.DictReader(Path(got.value.path()).read_text(encoding="utf-8").splitlines()))
    totals = {row["way"]: float(row["US$"]) for row in rows if row["item"] == "total"}
    ways = costs.four_ways(costs.Workload(requests=2e6), costs.common_instances("eu-west-1"))
    assert totals == {way.name: pytest.approx(way.usd) for way in ways}
    assert all("2026-" in row["source"] for row in rows if row["item"] != "total")


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def flat(value: object) -> list[float]:
    return [one for one in leaves(value) if isinstance(one, (int, float))]


def words(value: object) -> list[str]:
    return [one for one in leaves(value) if isinstance(one, str)]


OVERPRINTS = """() => {
  const all = [...document.querySelectorAll(".drawn text")];
  const texts = all.map((one) => [one.textContent, one.getBBox()]);
  const { width } = document.querySelector(".drawn").viewBox.baseVal;
  const isOut = ([, box]) => box.x < -1 || box.x + box.width > width + 1;
  const meet = (a, b, size, at) => a[at] + 4 < b[at] + b[size] && b[at] + 4 < a[at] + a[size];
  const hits = texts.flatMap(([a, one], at) => texts.slice(at + 1)
    .filter(([, two]) => meet(one, two, "width", "x") && meet(one, two, "height", "y"))
    .map(([b]) => [a, b]));
  return [...texts.filter(isOut).map(([text]) => [text, "outside"]), ...hits];
}"""


def test_labels_never_overprint_at_any_position_of_a_slider(
    numbers: Opened, pytestconfig: pytest.Config
) -> None:
    """Move every slider to every third step, from a middle load; with --full all, from three."""
    loads, stride = ([0, 15, 36], 1) if pytestconfig.getoption("--full") else ([15], 3)
    found = numbers.page.evaluate(
        """([check, loads, stride]) => {
        const overprints = eval(check), form = document.querySelector(".your-numbers form");
        document.querySelector(".fleet").open = false;
        const input = (name) => form.elements.namedItem(name), bad = [];
        const move = (name, at) => {
            input(name).value = at;
            input(name).dispatchEvent(new Event("input", { bubbles: true }));
        };
        const names = Object.keys(deck.numbers.tables.quantities);
        for (const load of loads) for (const name of names) {
            move("requests", load);
            const start = input(name).value;
            for (let at = 0; at <= Number(input(name).max); at += stride) {
                move(name, at);
                for (const pair of overprints()) bad.push([load, name, at, ...pair]);
            }
            move(name, start);
        }
        return bad;
    }""",
        [OVERPRINTS, loads, stride],
    )
    assert not found, (len(found), found[:20])
