"""The notebooks: plain, stripped, short enough for a slide; the deck says all that it said in 2017, and every cell runs."""

import re

import boto3
import pytest

from lambdadeck import cloud
from tests.support.kernel import CellError, Kernel
from tests.support.notebooks import DECK, FOLDER, Slide, cells, read, slides

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SLIDES = slides(DECK)
FIRST = SLIDES[0].code[0].source

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_slide = pytest.mark.parametrize("slide", SLIDES, ids=lambda slide: slide.title)
every_slide_with_code = pytest.mark.parametrize(
    "slide", [s for s in SLIDES if s.code], ids=lambda slide: slide.title
)


# --- any notebook -------------------------------------------------------------------------------------------------


@every_notebook
def test_a_notebook_carries_no_output(path):
    ran = [
        c.id
        for c in cells(path)
        if c.kind == "code" and (c.raw["outputs"] or c.raw["execution_count"] is not None)
    ]
    assert ran == []


@every_notebook
def test_cell_ids_are_words_and_each_is_there_once(path):
    ids = [cell.id for cell in cells(path)]
    assert [
        i
        for i in ids
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", i) or re.fullmatch(r"[0-9a-f]{6,}", i)
    ] == []
    assert len(ids) == len(set(ids))


@every_notebook
def test_a_notebook_has_one_h1(path):
    text = "\n".join(
        re.sub(r"^```.*?^```", "", c.source, flags=re.M | re.S)
        for c in cells(path)
        if c.kind == "markdown"
    )
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1


@every_notebook
def test_a_code_cell_fits_on_a_slide(path):
    long = [c.id for c in cells(path) if c.kind == "code" and len(c.source.splitlines()) > 12]
    wide = [
        c.id
        for c in cells(path)
        if c.kind == "code" and max(map(len, c.source.splitlines()), default=0) > 70
    ]
    assert (long, wide) == ([], [])


@every_notebook
def test_no_dollar_sign_can_be_taken_for_a_formula(path):
    """A front end with MathJax sets what stands between two bare dollar signs as mathematics."""
    bare = {}
    for cell in cells(path):
        text = re.sub(r"^```.*?^```|`[^`]*`", "", cell.source, flags=re.MULTILINE | re.DOTALL)
        if cell.kind == "markdown" and re.search(r"(?<!\\)\$", text):
            bare[cell.id] = re.findall(r"(?<!\\)\$.{0,20}", text)
    assert bare == {}


@every_notebook
def test_a_notebook_names_the_kernel_that_everybody_has(path):
    assert read(path)["metadata"]["kernelspec"]["name"] == "python3"


# --- the deck -----------------------------------------------------------------------------------------------------


def test_the_deck_fills_the_stage_it_is_given():
    """rise.css scales with the stage; RISE must not do it a second time, nor centre, nor fetch a theme's fonts."""
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
    assert [title for title, mark in zip(sections, marks) if not re.search(mark, title)] == []


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


@pytest.mark.parametrize(
    ("part", "item"), [(part, item) for part, items in IN_2017.items() for item in items]
)
def test_every_item_of_2017_is_named_on_a_slide(part, item):
    assert any(re.search(item, slide.markdown, re.MULTILINE) for slide in SLIDES)


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


@every_slide
def test_a_slide_has_a_title(slide):
    assert slide.title


@every_slide
def test_a_slide_holds_at_most_forty_words(slide):
    assert len(slide.words) <= 40, " ".join(slide.words)


@every_slide
def test_a_slide_has_a_speaker_note(slide):
    assert [cell for cell in slide.cells if cell.is_note and cell.source.strip()]


@every_slide_with_code
def test_a_prediction_is_asked_before_each_demo(slide):
    if slide is SLIDES[0]:
        return  # the first cell connects: there is nothing to predict yet
    first_code = slide.cells.index(slide.code[0])
    before = "\n".join(cell.source for cell in slide.cells[:first_code] if not cell.is_note)
    assert re.search(r"Predict.*\?", before, re.DOTALL)


def test_words_are_counted_without_title_table_listing_and_note():
    source = "## A title\n\nTwo words\n\n| a | table |\n|---|---|\n\n```\nlisting\n```\n\n![alt](image.png)"
    cell = cells(DECK)[0]
    made = Slide(
        "slide",
        [
            type(cell)("x", "markdown", source, "slide", {}),
            type(cell)("y", "markdown", "a note", "notes", {}),
        ],
    )
    assert made.words == ["Two", "words"]


# --- the deck runs ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    """An embedded cloud for the kernels, as scripts/present gives them one."""
    running = cloud.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def kernel(engine, tmp_path_factory):
    """A kernel that finds the engine by its environment."""
    with Kernel(FOLDER, tmp_path_factory.mktemp("ipython"), engine.environment) as started:
        yield started


@pytest.fixture
def nothing_deployed(engine):
    """No function is left from an earlier slide."""
    given = engine.environment
    client = boto3.client(
        "lambda",
        region_name=given["AWS_REGION"],
        endpoint_url=given["AWS_ENDPOINT_URL"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            client.delete_function(FunctionName=function["FunctionName"])
    client.close()


def test_the_deck_runs_from_top_to_bottom_on_a_clean_kernel_without_network(tmp_path):
    with Kernel(FOLDER, tmp_path) as fresh:  # nobody gave it an engine: the first cell starts one
        for slide in SLIDES:
            for cell in slide.code:
                assert fresh.run(cell.source), f"{cell.id} shows nothing"


@every_slide_with_code
def test_a_slide_runs_alone_after_the_first_cell_and_can_run_again(slide, kernel, nothing_deployed):
    kernel.forget()
    kernel.run(FIRST)
    for _ in range(2):
        for cell in slide.code:
            kernel.run(cell.source)


def test_a_kernel_of_the_tests_cannot_reach_the_network(kernel):
    with pytest.raises(CellError, match="the network was asked for"):
        kernel.run("import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)")
    with pytest.raises(CellError, match="the network was asked for"):
        kernel.run("import urllib.request; urllib.request.urlopen('http://example.com')")
