"""What all tests share: engine, deck, browser, and the order of files."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.support import machine
from tests.support.presenting import Presenting

ROOT = Path(__file__).resolve().parent.parent

# Tests are LOCAL unless they say otherwise, whatever the shell says.
for name in ("LAMBDADECK_CLOUD", "LAMBDADECK_ACCOUNT", "LAMBDADECK_ROLE", "LAMBDADECK_START"):
    os.environ.pop(name, None)

# A shell that starts this in the background ignores Ctrl-C for it and its children.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: a busy machine is no finding, and speed belongs in scripts/bench.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


# The longest files begin first, so that none of them is the last to begin while other workers wait.
LONGEST = (
    "notebooks/test_deck_in_browser",
    "notebooks/test_notebooks",
    "stage/test_keys_in_browser",
    "stage/test_keys_in_firefox",
    "export/test_runs",
    "export/test_accessibility",
    "labs/test_labs",
    "labs/test_in_browser",
    "notebooks/test_disaster_in_browser",
    "labs/test_classroom",
    "check/test_cli",
    "stage/test_present",
    "aws/test_whole_deck",
    "export/test_page_in_browser",
    "export/test_views",
    "teardown/test_teardown",
    "teardown/test_cli",
    "test_panel",
    "test_languages",
    "benchmarks/test_benchmarks",
    "benchmarks/test_fidelity",
    "benchmarks/test_fidelity_aws",
    "test_gates",
    "assets/test_javascript",
    "export/test_fit",
    "engine/services/test_event_sources",
    "cloud/test_strip_in_browser",
    "triggers/test_triggers",
    "figures/test_figures",
    "notebook/test_execute",
    "cloud/test_cloud",
    "export/test_index",
    "engine/execution/test_environment",
    "labs/test_quiz",
    "export/test_panel",
    "check/test_cells",
    "engine/test_supervisor",
    "aws/test_secrets",
    "stage/test_warm_up",
    "cloud/test_options",
    "stage/test_jupyterlab",
    "engine/runtimes/test_nodejs",
    "engine/execution/test_launch",
    "aws/test_guard",
    "aws/test_errors",
)


# These share the deck in the classic notebook or in JupyterLab, which takes seconds to start.
ON_STAGE = (
    "tests/engine/http/test_hostile_site_in_browser.py",
    "tests/notebooks/test_deck_in_browser.py",
    "tests/stage/test_keys_in_browser.py",
    "tests/stage/test_keys_in_firefox.py",
    "tests/stage/test_jupyter.py",
    "tests/stage/test_jupyterlab.py",
    "tests/stage/test_second_user.py",
    "tests/cloud/test_strip_in_browser.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --full, for cases that take minutes: a run without it tries a sample of them."""
    parser.addoption("--full", action="store_true", help="try every case of every corpus")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the longest files first."""
    places = {ROOT / "tests" / f"{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Keep what shares processes in one worker."""
    return ByGroup(config, log)


class ByGroup(LoadScopeScheduling):
    """Send each file to one worker; a parameter such as "lab" or "lab3" makes a group of its own.

    The files of ON_STAGE are two groups: one for JupyterLab, one for the classic notebook.
    xdist's own groups by mark need a private name that pytest 9.2 does not have any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        lab = re.search(r"[\[-](lab\d?)\b", name)
        if file in ON_STAGE:
            return "lab" if lab or file.endswith("jupyterlab.py") else "deck"
        return f"{file}@{lab[1]}" if lab else file

    def remove_node(self, node: WorkerController) -> str | None:
        """Return the test in which a worker ended; the next worker goes on behind it."""
        for unit in self.assigned_work[node].values():
            for test, is_done in unit.items():
                if not is_done:
                    unit[test] = True
                    super().remove_node(node)
                    return test
        return super().remove_node(node)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def lambdas() -> Iterator["Lambdas"]:  # noqa: F821  (boto3 is imported only where it is used)
    """Start an engine for all tests that do not kill it."""
    from lambdadeck import engine
    from tests.support.lambdas import Lambdas

    started = engine.start()
    yield Lambdas(started)
    started.stop()


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the state folder of the tests' decks, apart from the user's own."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def deck(state: Path) -> Iterator[Presenting]:
    """Start the deck once by scripts/present --no-browser; end it by Ctrl-C."""
    with Presenting(ROOT, environment={"LAMBDADECK_STATE": str(state)}) as presenting:
        presenting.url()
        yield presenting


@pytest.fixture(scope="session")
def lab(state: Path) -> Iterator[Presenting]:
    """Start the deck in JupyterLab once by scripts/present --lab."""
    with Presenting(
        ROOT, "--no-browser", "--lab", environment={"LAMBDADECK_STATE": str(state)}
    ) as presenting:
        presenting.url()
        yield presenting


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:  # noqa: F821  (playwright is imported only where it is used)
    """Start a headless Chromium for one module: while it runs, asyncio.run() is refused."""
    from playwright.sync_api import sync_playwright

    path = machine.chromium()
    if path is None:
        pytest.skip(machine.advice([need for need in machine.NEEDS if "chromium" in need.package]))
    # Chromium's sandbox refuses to run as root, which is what containers are.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def stage(chromium: "Browser") -> Iterator["Stage"]:  # noqa: F821
    """Open an empty page of 1280 x 720 with the keys of a presenter."""
    from tests.support.slides import STAGE, Stage

    page = chromium.new_page(viewport=STAGE)
    yield Stage(page)
    page.close()


@pytest.fixture(scope="session")
def page() -> Path:
    """Export the talk as one page, once."""
    from tests.support import exporting

    return exporting.deck()


@pytest.fixture
def slides(chromium: "Browser", page: Path) -> Iterator["Opened"]:  # noqa: F821
    """Open the exported talk at its first slide."""
    from tests.support.exporting import opened

    with opened(chromium, page) as ready:
        yield ready
