"""Notebooks are stripped and fit on slides; the deck holds all of 2017; every cell runs."""

import re

import pytest

from lambdadeck.engine import start as start_engine
from tests.support.kernel import CellError, Kernel
from tests.support.notebooks import ANSWERS, DECK, FOLDER, Slide, cells, read, slides, words

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SLIDES = slides(DECK)
FIRST = SLIDES[1].code[0].source


def each(check):
    """Apply a check to every notebook; return the results that are not empty, by notebook."""
    return {path.stem: found for path in NOTEBOOKS if (found := check(path))}


# --- any notebook ---


def test_no_notebook_carries_an_output():
    def ran(path):
        code = [cell for cell in cells(path) if cell.kind == "code"]
        return [c.id for c in code if c.raw["outputs"] or c.raw["execution_count"] is not None]

    assert each(ran) == {}


def test_cell_ids_are_words_and_each_is_there_once():
    def wrong(path):
        ids = [cell.id for cell in cells(path)]
        word, hexadecimal = r"[a-z][a-z0-9]*(-[a-z0-9]+)*", r"[0-9a-f]{6,}"
        odd = [i for i in ids if not re.fullmatch(word, i) or re.fullmatch(hexadecimal, i)]
        return odd + [i for i in set(ids) if ids.count(i) > 1]

    assert each(wrong) == {}


def test_every_notebook_has_one_h1():
    def headings(path):
        texts = [cell.source for cell in cells(path) if cell.kind == "markdown"]
        outside = "\n".join(
            re.sub(r"^```.*?^```", "", t, flags=re.MULTILINE | re.DOTALL) for t in texts
        )
        return len(re.findall(r"^# ", outside, re.MULTILINE))

    assert {path.stem: headings(path) for path in NOTEBOOKS} == {p.stem: 1 for p in NOTEBOOKS}


def test_every_code_cell_fits_on_a_slide():
    def too_large(path):
        lines = {c.id: c.source.splitlines() for c in cells(path) if c.kind == "code"}
        return [
            i for i, rows in lines.items() if len(rows) > 12 or max(map(len, rows), default=0) > 70
        ]

    assert each(too_large) == {}


def test_no_dollar_sign_can_be_taken_for_a_formula():
    """A front end with MathJax sets text between two bare dollar signs as mathematics."""

    def bare(path):
        found = {}
        for cell in cells(path):
            text = re.sub(r"^```.*?^```|`[^`]*`", "", cell.source, flags=re.MULTILINE | re.DOTALL)
            if cell.kind == "markdown" and re.search(r"(?<!\\)\$", text):
                found[cell.id] = re.findall(r"(?<!\\)\$.{0,20}", text)
        return found

    assert each(bare) == {}


def test_every_notebook_names_the_kernel_that_everybody_has():
    assert {read(path)["metadata"]["kernelspec"]["name"] for path in NOTEBOOKS} == {"python3"}


# --- the deck ---


def test_the_deck_fills_the_stage_it_is_given():
    """rise.css scales with the stage; RISE must not scale, center or fetch fonts."""
    rise = read(DECK)["metadata"]["rise"]
    wanted = {
        "autolaunch": True,
        "start_slideshow_at": "beginning",
        "theme": "serif",
        "transition": "none",
        "width": "100%",
        "height": "100%",
        "margin": 0,
        "center": False,
        "controls": False,
        "show_buttons_on_startup": False,
        "slideNumber": "c/t",
    }
    assert {name: rise.get(name) for name in wanted} == wanted


def test_every_cell_says_which_part_of_a_slide_it_is():
    kinds = {"slide", "subslide", "fragment", "notes", "skip", "-"}
    assert [cell.id for cell in cells(DECK) if cell.slide_type not in kinds] == []


def test_the_deck_has_the_eight_sections_of_2017_in_their_order():
    sections = [slide.title for slide in SLIDES if slide.slide_type == "slide"]
    marks = [
        "AWS Lambda, live",
        "Lambda",
        "[Ss]erverless",
        "use it",
        "EC2",
        "[Pp]ric",
        "bonnet",
        "practice",
    ]
    assert len(sections) == len(marks)
    assert [
        title for title, mark in zip(sections, marks, strict=True) if not re.search(mark, title)
    ] == []


def test_the_slides_below_stand_in_the_order_of_2017():
    below: dict[str, list[str]] = {}
    for slide in SLIDES:
        if slide.slide_type == "slide":
            section = below.setdefault(slide.title, [])
        else:
            section.append(slide.title)
    wanted = [
        [],
        ["runs your code"],
        ["No servers", "scaling", "Stateless"],
        ["languages", "triggers"],
        ["Same same", "different"],
        [],
        [],
        ["deployment"],
    ]
    for titles, marks in zip(below.values(), wanted, strict=True):
        positions = [
            next((i for i, title in enumerate(titles) if mark in title), None) for mark in marks
        ]
        assert None not in positions, (marks, titles)
        assert positions == sorted(positions)


IN_2017 = {
    "the compute service": [
        "on request",
        "high(ly)?[- ]availab",
        "[Rr]un code without thinking about servers",
    ],
    "no servers": ["health checks", "security patches", "routine maintenance"],
    "scaling": ["stateless", "no affinity", "rapidly launch"],
    "languages": ["Java\\b", "Node\\.js", "Python", "C#"],
    "triggers": [
        "API Gateway",
        "IoT",
        "Alexa",
        "CloudFront",
        "CloudWatch",
        "CodeCommit",
        "Cognito",
        "DynamoDB",
        "Kinesis",
        "S3",
        "SNS",
        "SDK",
        "API\\b(?! Gateway)",
    ],
    "same same": ["runs on Amazon EC2", "same techniques", "security and separation"],
    "but different": [
        "instance types",
        "operating system",
        "network",
        "security settings",
        "software stack",
        "[Cc]apacity",
        "[Ff]ault tolerance",
        "scalability",
    ],
    "pricing": [
        "0\\.20",
        "1 million requests",
        "0\\.00001667",
        "GB-second",
        "100 ms",
        "400,000 GB-seconds",
        "[Ff]ree",
    ],
    "glance": ["posix", "Linux-4\\.4\\.35-33\\.55\\.amzn1\\.x86_64", "^x86_64$"],
    "deployment": [
        "provider: lambda",
        "region: eu-west-1",
        "function_name:",
        "role:",
        "runtime: nodejs4\\.3",
        "access_key_id:",
        "secret_access_key:",
        "zip:",
        "module_name:",
        "handler_name:",
        "timeout: 20",
        "memory_size: 1024",
        "skip_cleanup: true",
        "branch: master",
    ],
}


def test_every_item_of_2017_is_named_on_a_slide():
    text = "\n\n".join(slide.markdown for slide in SLIDES)
    items = [(part, item) for part, items in IN_2017.items() for item in items]
    assert [named for named in items if not re.search(named[1], text, re.MULTILINE)] == []


def test_the_handler_of_2017_stands_in_a_cell_as_it_was():
    lines = [
        "import os",
        "import platform",
        "import sys",
        "def lambda_handler(event, context):",
        "    print(os.name)",
        "    print(platform.platform())",
        "    print(platform.machine())",
    ]
    assert any(
        [line for line in cell.source.splitlines() if line in lines] == lines
        for slide in SLIDES
        for cell in slide.code
    )


def test_every_slide_has_a_title_at_most_forty_words_and_a_speaker_note():
    def has_note(slide):
        return any(cell.is_note and cell.source.strip() for cell in slide.cells)

    assert [slide.cells[0].id for slide in SLIDES if not slide.title] == []
    assert [(s.title, " ".join(s.words)) for s in SLIDES if len(s.words) > 40] == []
    assert [slide.title for slide in SLIDES if not has_note(slide)] == []


def test_a_prediction_is_asked_before_each_demo():
    def asked(slide):
        about = slide.cells[0].raw["metadata"]["slideshow"]
        return about.get("question", "").endswith("?")

    assert [slide.title for slide in SLIDES if slide.code and not asked(slide)] == []


def test_words_are_counted_without_title_table_listing_and_note():
    table, listing = "| a | table |\n|---|---|", "```\nlisting\n```"
    source = f"## A title\n\nTwo words\n\n{table}\n\n{listing}\n\n![alt](image.png)"
    cell = cells(DECK)[0]
    made = Slide(
        "slide",
        [
            type(cell)("x", "markdown", source, "slide", {}),
            type(cell)("y", "markdown", "a note", "notes", {}),
        ],
    )
    assert made.words == ["Two", "words"]


# --- the deck runs ---


@pytest.fixture(scope="module")
def engine():
    """Start an embedded cloud for the kernels, as scripts/present does."""
    running = start_engine()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def kernel(engine, tmp_path_factory):
    """Start a kernel that finds the engine by its environment."""
    with Kernel(FOLDER, tmp_path_factory.mktemp("ipython"), engine.environment) as started:
        yield started


def test_a_kernel_that_nobody_gave_an_engine_starts_one(tmp_path):
    with Kernel(FOLDER, tmp_path) as fresh:
        for slide in SLIDES[:3]:
            for cell in slide.code:
                assert fresh.run(cell.source), f"{cell.id} shows nothing"


def test_every_slide_runs_alone_after_the_first_cell_and_can_run_again(kernel, pytestconfig):
    """Run the slides from last to first, so that none depends on earlier ones; then again.

    Every third one runs alone, and some of them again: with scripts/test --full all do.
    """
    is_full = pytestconfig.getoption("--full")
    with_code = [slide for slide in SLIDES if slide.code]
    alone = with_code if is_full else with_code[::3]
    again = with_code if is_full else alone[::4]
    failed = {}
    for turn, slides_of_turn in (("alone", alone[::-1]), ("again", again)):
        for slide in slides_of_turn:
            kernel.forget()
            try:
                for source in (FIRST, *(cell.source for cell in slide.code)):
                    shown = kernel.run(source)
                    assert shown, f"shows nothing:\n{source}"
                answer = "".join(ANSWERS.get(cell.id, "") for cell in slide.code)
                said = words(shown)
                assert re.search(answer, said, re.DOTALL), f"no {answer} in {said}"
                assert str(FOLDER) not in said, "shows the presenter's folder"
            except AssertionError as error:
                failed[f"{slide.title}, {turn}"] = str(error)
    assert failed == {}


def test_a_kernel_of_the_tests_cannot_reach_the_network(kernel):
    with pytest.raises(CellError, match="the network was asked for"):
        kernel.run("import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)")
    with pytest.raises(CellError, match="the network was asked for"):
        kernel.run("import urllib.request; urllib.request.urlopen('http://example.com')")
