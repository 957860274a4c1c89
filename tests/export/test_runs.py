"""The page that runs, from file:// and without a network: nothing first, then Lambda's life."""

import io
import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook
from playwright.sync_api import Browser

from lambdadeck.export.exporter import DeckExporter
from lambdadeck.export.runs import pyodide, recorded
from lambdadeck.notebook.errors import NotebookError
from tests.support import running
from tests.support.exporting import arm, code, converted, markdown, opened, shows, violations
from tests.support.running import Cell

MORE_BYTES = 12_000_000
SETUP = """import base64, io, json, os, threading, time, zipfile
import boto3
from lambdadeck import cloud, figures, functions, tables
here = cloud.connect()
client = boto3.client("lambda")
def put(name, source, **settings):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("app.py", source)
    client.create_function(FunctionName=name, Runtime="python3.14", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/any", Code={"ZipFile": archive.getvalue()}, **settings)
def call(name, **event):
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    return json.load(answer["Payload"]), base64.b64decode(answer["LogResult"]).decode()
here"""
LIFE = '''put("life", """
import json, os, threading, time
calls = ticks = 0
def tick():
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1
threading.Thread(target=tick, daemon=True).start()
def handler(event, context):
    global calls
    calls += 1
    with open("/tmp/calls", "a") as file:
        file.write("x")
    print("call", calls)
    assert 0 < context.get_remaining_time_in_millis() <= 1000
    begun = ticks
    exec(event.get("do", ""))
    return {"calls": calls, "file": os.path.getsize("/tmp/calls"), "begun": begun}
""", Timeout=1)
for do in ("", "time.sleep(0.1)", "1 / 0", "while True: pass", "", "os._exit(7)", "",
           "x = []\\nwhile True: x.append(bytearray(10 ** 7))"):
    payload, log = call("life", do=do)
    print(json.dumps(payload), "COLD" if "Init Duration" in log else "WARM")'''
FAST = """put("fast", "def handler(event, context): return 1")
call("fast")
begun = time.perf_counter()
for _ in range(20):
    client.invoke(FunctionName="fast")
print(f"warm: {(time.perf_counter() - begun) * 50:.1f} ms")"""
MANY = '''put("sleeper", """
import os, time
def handler(event, context):
    time.sleep(1)
    return os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
""", Timeout=30)
found = []
threads = [threading.Thread(target=lambda: found.append(call("sleeper")[0])) for _ in range(4)]
begun = time.perf_counter()
[one.start() for one in threads]
[one.join() for one in threads]
print(len(found), "calls,", len(set(found)), "environments")'''
BURST = """from lambdadeck.burst import burst
functions.deploy("sleeper")
figures.burst_timeline(burst("sleeper", 3))"""
CELLS = {
    "ready": "%pip install lambdadeck",  # as the labs begin
    "setup": SETUP,
    "life": LIFE,
    "fast": FAST,
    "many": MANY,
    "figure": "figures.monthly_cost()",
    "drawn": BURST,
    "wrong": 'client.get_function(FunctionName="none")',
    "endless": "names = 1\nwhile True: pass",
    "after": """found = client.get_function(FunctionName="life")
print(found["Configuration"]["State"], call("fast"))""",
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cells = [markdown("# Cells that run", id="title")]
    recorded_as = shows({"lambdadeck": {"number": "8 of 8 cold"}}, text_plain="recorded")
    for name, source in CELLS.items():
        cells += [code(source, *([recorded_as] if name == "drawn" else []), id=name)]
    folder = tmp_path_factory.mktemp("runs")
    return running.page(new_notebook(cells=cells), folder, folder)


def test_cells_run_live_and_die_as_in_lambda_and_nothing_is_asked_of_anybody(
    chromium: Browser, page: Path
) -> None:
    with opened(chromium, page, "?view=article") as ready:
        workers: list[str] = []
        ready.page.on("worker", lambda worker: workers.append(worker.url))
        cells = {name: Cell(ready.page, name) for name in CELLS}
        ready.page.wait_for_timeout(200)
        assert workers == []  # nothing before the first Run

        said = list(cells["life"].begin())
        assert any(re.fullmatch(r"Starting Python: \d+ %", line) for line in said)
        assert "BROWSER a Lambda inside this page" in cells["setup"].output
        assert life(cells["life"].output) == LIVED

        assert re.search(r"BROWSER · [\d.]+ s · \d{4}-\d\d-\d\d", cells["life"].output)
        assert float(re.findall(r"warm: ([\d.]+) ms", cells["fast"].run())[0]) < 200
        assert "4 calls, 4 environments" in cells["many"].run()
        assert "Recorded: it draws with matplotlib" in cells["figure"].status
        assert ready.page.locator("h1").inner_text() == "Cells that run: 8 of 8 cold"
        assert "3 cold: INIT first" in cells["drawn"].run()
        assert ready.page.locator("h1").inner_text() == "Cells that run: 3 of 3 cold"
        ready.page.locator("[data-cell=drawn] summary").click()
        assert ready.page.locator("[data-cell=drawn] .sheet[role=region]").is_visible()
        assert "Recorded: it uses a command of Jupyter" in cells["ready"].status
        assert "ResourceNotFoundException" in cells["wrong"].run()
        assert "'again'" in cells["wrong"].edit("'again'").run()

        cells["endless"].button.click()
        ready.page.wait_for_timeout(500)
        cells["endless"].button.click()  # it says Stop
        assert "functions are still there" in wait_for(cells["endless"], "Stopped")
        assert "Active (1," in cells["after"].run()
        arm(ready.page)
        assert violations(ready.page) == []
        ready.page.set_viewport_size({"width": 390, "height": 844})
        ready.page.wait_for_selector("[data-cell=drawn] .picture[tabindex='0']")
        assert violations(ready.page) == []
        asked = [url for url in ready.asked if not url.startswith("blob:")]
        assert (asked, [line for line in ready.said if "error" in line]) == ([], [])


def wait_for(cell: Cell, words: str) -> str:
    """Return the status when it says so."""
    for _ in range(100):
        if words in cell.status:
            break
        cell.box.page.wait_for_timeout(50)
    return cell.status


LIVED = [
    ("calls 1, file 1", "COLD"),
    ("calls 2, file 2", "WARM"),
    ("ZeroDivisionError", "WARM"),
    ("Sandbox.Timedout", "WARM"),
    ("calls 1, file 5", "WARM"),  # a timeout ends the process; /tmp stays
    ("Runtime.ExitError", "WARM"),
    ("calls 1, file 1", "COLD"),
    ("Runtime.ExitError", "WARM"),
]


def life(output: str) -> list[tuple[str, str]]:
    """Return what each call answered, and how it began."""
    found = re.findall(r"^(\{.*\}) (COLD|WARM)$", output, re.MULTILINE)
    said = [
        (re.search(r'"errorType": "([\w.]+)"', answer), answer, start) for answer, start in found
    ]
    return [
        (error[1], start)
        if error
        else (re.sub(r'.*"calls": (\d+), "file": (\d+).*', r"calls \1, file \2", answer), start)
        for error, answer, start in said
    ]


def test_the_page_is_one_file_little_larger_than_the_plain_one(page: Path) -> None:
    plain = converted(markdown("# Cells that run", id="title"))
    assert page.stat().st_size - len(plain.encode()) <= MORE_BYTES
    text = page.read_text()
    for words in ("Mozilla Public License", "PYTHON SOFTWARE FOUNDATION LICENSE", "boto3 1."):
        assert words in text


def test_the_policy_allows_wasm_and_workers_of_the_page_and_nothing_else(page: Path) -> None:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page.read_text())
    assert found
    rules = dict(rule.strip().split(" ", 1) for rule in found[1].replace("&#39;", "'").split(";"))
    scripts = [one for one in rules.pop("script-src").split() if not one.startswith("'sha256-")]
    assert scripts == ["'wasm-unsafe-eval'"]
    assert rules.pop("worker-src") == "blob:"
    plain = converted(markdown("# Plain"))
    assert "wasm-unsafe-eval" not in plain and "worker-src" not in plain
    assert rules["default-src"] == "'none'" and "connect-src" not in rules


def test_where_cells_cannot_run_the_page_says_so_and_shows_what_was_recorded(
    chromium: Browser, page: Path, tmp_path: Path
) -> None:
    with opened(chromium, page, "?view=article") as ready:
        assert ready.page.locator(".run-button").count() > 0
    context = chromium.new_context(offline=True)
    context.add_init_script("delete WebAssembly.Suspending")
    without = context.new_page()
    without.goto(f"{page.as_uri()}?view=article")
    assert without.locator(".run-button").count() == 0
    assert without.locator(".run-cannot").inner_text().startswith("This browser cannot run")
    context.close()


def test_on_a_slide_the_bar_takes_the_place_of_the_code_until_it_is_edited(
    chromium: Browser, tmp_path: Path
) -> None:
    title = markdown("## An answer", id="answered")
    title.metadata.slideshow["question"] = "Which one?"
    answer = code("x = 6\nx * 7", shows(text_plain="42"), id="answer")
    page = running.page(new_notebook(cells=[title, answer]), tmp_path, tmp_path)
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 720})
    context.add_init_script("window.Worker = function () { throw new Error('none'); }")
    tab = context.new_page()
    tab.goto(page.as_uri())
    listing, bar = tab.locator(".source .highlight"), tab.locator(".run-bar")
    assert not listing.is_visible() and tab.locator(".more").inner_text() == "+ 2 lines"
    box, row = tab.locator(".source").bounding_box(), bar.bounding_box()
    assert box and row and box["y"] <= row["y"] and row["height"] <= box["height"]
    bar.get_by_text("Edit").click()
    assert listing.is_visible()
    tab.keyboard.press("Shift+Enter")
    listing.wait_for(state="hidden")
    context.close()


@pytest.mark.parametrize(
    ("breaks", "why"),
    [
        ("window.Worker = function () { throw new Error('workers are blocked'); }", "are blocked"),
        ("WebAssembly.compile = async () => { throw new RangeError('out of memory'); }", "memory"),
    ],
)
def test_if_python_cannot_start_the_page_says_so_and_the_recorded_output_stays(
    chromium: Browser, tmp_path: Path, breaks: str, why: str
) -> None:
    cells = [code("6 * 7", shows(text_plain="42"), id="answer")]
    page = running.page(new_notebook(cells=cells), tmp_path, tmp_path)
    context = chromium.new_context(offline=True)
    context.add_init_script(breaks)
    tab = context.new_page()
    tab.goto(f"{page.as_uri()}?view=article")
    for _ in range(2):  # it can be tried again
        assert "42" in Cell(tab, "answer").run()
        status = Cell(tab, "answer").status
        assert "could not start Python, so you see recorded outputs" in status and why in status
    context.close()


def test_twenty_five_cells_of_the_talk_run_and_the_others_say_why(root: Path) -> None:
    cells = nbformat.read(root / "notebooks" / "aws-lambda.ipynb", 4).cells
    sources = {cell.id: cell.source for cell in cells if cell.cell_type == "code"}
    reasons = recorded.reasons(sources)
    assert len(sources) - len(reasons) >= 25
    assert not reasons.keys() & {"setup", "invoke-greet", "burst", "counter", "shift-a-tenth"}
    found = {name: reasons[name] for name in ("call-all", "fire-all", "s3-upload", "cost-curve")}
    assert found == {
        "call-all": "it runs functions in other languages than Python.",
        "fire-all": recorded.SERVICES,
        "s3-upload": recorded.SERVICES,
        "cost-curve": recorded.DRAWS,
    }


def test_a_cell_that_uses_a_name_of_a_recorded_cell_is_recorded_unless_it_is_an_exercise() -> None:
    found = recorded.reasons(
        {
            "ready": "%pip install lambdadeck",
            "setup": "import boto3\nclient = boto3.client('lambda')",
            "clients": "queue, table = boto3.client('sqs'), boto3.client('lambda')",
            "queue": "url = queue.create_queue(QueueName='name')",
            "send": "url.lower()",
            "own": "url = 2",
            "show": "url, client",
            "exercise": "def sent(queue): ...\nsent(queue)",
            "check": "sent(url)",
        }
    )
    assert found == {
        "ready": recorded.COMMAND,
        "queue": recorded.SERVICES,
        "send": "it uses url, which the cell queue makes.",
    }


def test_a_notebook_without_a_cell_that_runs_becomes_a_plain_page_that_says_why(root: Path) -> None:
    notebook = nbformat.read(root / "notebooks" / "5-triggers.ipynb", 4)
    plain, running = (
        DeckExporter(strict=True, runs=runs).from_notebook_node(notebook)[0]
        for runs in (False, True)
    )
    why = f"Its cells cannot run in a page: {recorded.SERVICES}"
    assert why not in plain and plain == running.replace(f" {why}", "")


def test_without_npm_the_export_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMBDADECK_STATE", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NotebookError, match=r"Install Node.js with npm .*, or put npm's pyodide-"):
        pyodide.fetched()
    (pyodide.folder() / pyodide.PACKAGE).write_bytes(b"another file")
    assert pyodide.kept() is None


def test_without_node_the_export_says_that_it_compiles_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.need()
    package = pyodide.fetched()
    monkeypatch.setenv("LAMBDADECK_STATE", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    pyodide.library.cache_clear()
    with pytest.raises(NotebookError, match=r"--runs .* install Node\.js\."):
        pyodide.library(package)


def test_the_library_of_a_page_has_its_sources_and_bytecode_of_what_starts_with_python() -> None:
    running.need()
    package = pyodide.fetched()
    original = zipfile.ZipFile(io.BytesIO(pyodide.contents(package)["python_stdlib.zip"]))
    with original, zipfile.ZipFile(io.BytesIO(pyodide.library(package))) as compiled:
        sources = [name for name in original.namelist() if not name.endswith("/")]
        assert all(original.read(name) == compiled.read(name) for name in sources)
        bytecode = set(compiled.namelist()) - set(sources)
        assert {"asyncio/events.pyc", "inspect.pyc"} <= bytecode and "imaplib.pyc" not in bytecode
        assert {name.removesuffix("c") for name in bytecode} <= set(sources)
        assert {compiled.read(name)[4] for name in bytecode} == {1}  # by hash, which nobody checks
