"""A fuzzer over all that a notebook brings into a page, judged by a browser that opens the page.

By default a sample; scripts/test --full opens all known markup and some hundred mutants of it.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from playwright.sync_api import Browser

from tests.export.test_sanitizer import HOSTILE, cells, exported, markup
from tests.support import firefox
from tests.support.exporting import opened

WRAPS = (
    *("<svg>{}</svg>", "<math><mtext>{}</mtext></math>", "<table><tr><td>{}</table>", "<b>{}"),
    *("<select><option>{}</select>", "<template>{}</template>", "<noscript>{}</noscript>"),
    *("<svg><foreignObject>{}</svg>", "<math><annotation-xml encoding=text/html>{}", "<!--{}"),
    *("<p title='{}'>x</p>", "<style>{}</style>", "<details open><summary>{}</details>", "```\n{}"),
    *(
        "[x]({})",
        "`{}`",
        "> {}",
        "$${}$$",
        "\\({}\\)",
        "<![CDATA[{}]]>",
        "<xmp>{}</xmp>",
        "</pre>{}",
    ),
)
# One page shows so many pieces of markup in all places: a page takes a second to open.
TOGETHER = 12
FOUND = """() => {
  const on = node => [...node.attributes].some(one => /^on|^srcdoc$|^formaction$/i.test(one.name));
  return [...document.querySelectorAll("#deck *")].filter(node => on(node)
    || /^(script|iframe|object|embed|base|link|meta|form)$/i.test(node.localName)
    || /^\\s*(javascript|vbscript|data:text)/i.test(node.getAttribute("href") ?? ""))
    .map(node => node.outerHTML.slice(0, 200)); }"""

READY = """async () => { while (!document.documentElement.dataset.ready)
  await new Promise(done => setTimeout(done, 50));
  document.querySelectorAll("details").forEach(d => d.open = true); }"""


def mutant(chance: random.Random) -> str:
    """Return hostile markup, changed in ways that parsers disagree about."""
    text = chance.choice(HOSTILE)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text) + 1)
        text = chance.choice(
            (
                chance.choice(WRAPS).format(text),
                text[:place] + chance.choice("\0\t\n\f/<>\"'`&;=\u00a0\u2028") + text[place:],
                text[:place] + chance.choice(HOSTILE) + text[place:],
                text.swapcase(),
                text.replace("<", "&lt;", 1),
                text.replace(" ", "/"),
                text.replace('"', chance.choice(("'", "", "&quot;"))),
                text[:place],
            )
        )
    return text


def page_of(pieces: list[str]) -> str:
    """Return a page that shows each piece in each place, but where the export refuses it."""
    shown = [cell for bad in pieces for cell in cells(bad) if markup(cell)]
    assert len(shown) > 3 * len(pieces)
    for number, cell in enumerate(shown):
        cell["id"] = f"c{number}"
    titles = [new_markdown_cell(f"# T {bad}".replace("\n", " "), id="t") for bad in pieces]
    bad = " ".join(pieces)
    about = {"title": bad, "lambdadeck_run": {"where": bad, "when": bad, "meaning": bad}}
    first = [cell for cell in titles if markup(cell)][:1] or [new_markdown_cell("# T", id="t")]
    return exported(new_notebook(cells=[*first, *shown], metadata=about))


def pages(folder: Path, is_full: bool) -> Iterator[tuple[list[str], Path]]:
    """Yield pages, each with the pieces of markup that it shows."""
    chance = random.Random(17)
    known = list(HOSTILE) if is_full else chance.sample(HOSTILE, TOGETHER // 2)
    pieces = known + [mutant(chance) for _ in range(400 if is_full else TOGETHER // 2)]
    for first in range(0, len(pieces), TOGETHER):
        some = pieces[first : first + TOGETHER]
        target = folder / f"{first}.html"
        target.write_text(page_of(some))
        yield some, target


def test_no_part_of_a_notebook_runs_fetches_or_navigates_in_a_browser(
    chromium: Browser, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    for some, target in pages(tmp_path, pytestconfig.getoption("--full")):
        with opened(chromium, target) as ready:
            ready.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            found = ready.page.evaluate(FOUND)
            assert (ready.asked, ready.said, found) == ([], [], []), some
            assert ready.page.url.startswith(target.as_uri())


def test_no_part_of_a_notebook_runs_fetches_or_navigates_in_firefox(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    if not pytestconfig.getoption("--full") or not firefox.path():
        pytest.skip("needs scripts/test --full, and firefox-esr or firefox")
    with firefox.tab(tmp_path / "profile") as tab:
        for some, target in pages(tmp_path, True):
            tab.open(target.as_uri())
            found = tab.evaluate(f"({READY})().then({FOUND})")
            asked = [url for url in tab.requests if not url.startswith(("data:", target.as_uri()))]
            assert (asked, tab.said, found) == ([], [], []), some
            assert tab.evaluate("location.href").startswith(target.as_uri())
