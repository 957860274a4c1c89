"""Hostile markup in a notebook: no way into the page, whichever part of the notebook holds it."""

import html
import re
from pathlib import Path

import pytest
from bleach._vendor import html5lib  # type: ignore[import-untyped]  # a browser's parser
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lambdadeck.export import markdown, outputs
from lambdadeck.export.adapt import adapted
from lambdadeck.export.exporter import DeckExporter
from lambdadeck.export.sanitizer import clean
from lambdadeck.export.validation import check
from lambdadeck.labs import quiz
from lambdadeck.notebook.errors import NotebookError
from lambdadeck.stage import recorded_html

TO = "http://evil.example"
META = f'<meta http-equiv="refresh" content="0;url={TO}">'
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
HOSTILE = (
    *(META, f"<!-->{META}-->", f"<!--->{META}-->", f"<!-- x --!>{META}-->", f"<![CDATA[>{META}]]>"),
    *(f"<svg><style>{META}</style></svg>", f"<math><mtext><style>{META}</style></mtext></math>"),
    f"<svg><script type='application/json'>{META}</script></svg>",
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;{META}'>",
    *(f"<noscript>{META}</noscript>", f"<xmp>{META}</xmp>", f"<textarea></textarea>{META}"),
    *(f"<title></title>{META}", f"<template>{META}</template>", f"<plaintext>{META}"),
    *("<style>body{display:none}</style>", f"<style>@import '{TO}'</style>"),
    f"<style>#quiz-1{{background:url({TO})}}</style>",
    f"<b style='background:\\\\75rl({TO})'>b</b>",
    f'<p title="<style>#quiz-a{{}}" onclick="1</style>">x</p>{META}',
    f'<form action="{TO}"><input name=p><button formaction="{TO}">go</button></form>',
    *('<a href="javascript:alert(1)">x</a>', '<a href="java\tscript:alert(1)">x</a>'),
    *(
        '<a href="data:text/html,x">x</a>',
        '<a href="//evil.example">x</a>',
        "<a href=vbscript:x>x</a>",
    ),
    *(f'<img src="{TO}" alt=x>', f"<img srcset={TO} alt=x>", "<img src=x onerror=alert(1) alt=x>"),
    *(f"<video poster={TO}></video>", f"<table background={TO}><tr><td>1</table>"),
    *(f"<b style='background:url({TO})'>b</b>", "<b style='position:fixed;top:0'>b</b>"),
    *(
        "<p id=deck>x</p>",
        "<p onmouseover=alert(1)>x</p>",
        "<details ontoggle=alert(1) open>x</details>",
    ),
    *(f"<iframe src={TO}></iframe>", f"<object data={TO}></object>", f"<embed src={TO}>"),
    *(f"<base href={TO}>", f"<link rel=stylesheet href={TO}>", "<button data-do=menu>x</button>"),
    f"<svg><image href={TO} /><use href={TO} /><a xlink:href=javascript:alert(1)>x</a></svg>",
)


def data(kind: str, content: object, **about: object) -> NotebookNode:
    return new_output("display_data", {kind: content}, metadata={kind: about} if about else {})


def code(*outputs: NotebookNode) -> NotebookNode:
    return new_code_cell(
        "1", id="c", outputs=list(outputs), metadata={"tags": ["raises-exception"]}
    )


def cells(bad: str) -> list[NotebookNode]:
    """Return a cell for each place that may hold `bad`."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg">{bad}</svg>'
    figure = {"alt": bad, "title": bad, "table": {"headers": [bad], "rows": [[bad]]}}
    drawn = data("image/png", PIXEL)
    drawn.data["application/vnd.lambdadeck.figure+json"] = figure
    words = (bad, f"# {bad}", f"$\\text{{{bad}}}$", f"![{bad}](data:image/png,x)")
    shown = (
        *(drawn, data("text/html", f"<p>hi</p>{bad}"), data("text/markdown", bad)),
        *(data("text/latex", f"$\\text{{{bad}}}$"), data("text/plain", bad)),
        data("image/png", PIXEL, alt=bad, width=f'1">{bad}', height=bad),
        data("image/jpeg", f'{PIXEL}">{bad}', alt="a"),
        data("image/svg+xml", svg, alt="a"),
        new_output("stream", name=f'o">{bad}', text=bad),
        new_output("error", ename=bad, evalue=bad, traceback=[bad, f"\x1b[31m{bad}"]),
    )
    texts = [new_markdown_cell(f"# T\n\n{text}", id="w") for text in words]
    return [*texts, *map(code, shown)]


def markup(cell: NotebookNode) -> str:
    """Return what a page holds of a cell, "" if the export refuses it."""
    try:
        if cell.cell_type == "code":
            return "".join(map(adapted, outputs.shown(cell)))
        rendered = markdown.rendered(cell.source, Path())
        check(rendered)
    except NotebookError:
        return ""
    return adapted(clean(rendered))


# What is read aloud, and a link, which only a click follows.
READ = {
    ("img", "alt"),
    ("img", "title"),
    ("p", "title"),
    ("a", "href"),
    ("a", "title"),
    ("section", "data-title"),
}


def dangers(page: str) -> list[str]:
    """Return what could run, fetch, navigate or reach elsewhere, as a browser parses the page."""
    found = []
    for node in html5lib.parse(page, namespaceHTMLElements=False).iter():
        tag = str(node.tag)
        attributes = {str(name): value for name, value in node.attrib.items()}
        if tag == "meta" and set(attributes) <= {"name", "property", "content"}:
            attributes.pop("content")  # only read
        if tag in ("meta", "script", "style", "form", "button", "base", "link", "iframe"):
            found.append(f"<{tag}> {attributes}")
        for name, value in attributes.items():
            if name.startswith("on") or ("evil" in value and (tag, name) not in READ):
                found.append(f"<{tag} {name}={value!r}>")
            if name == "id" and "deck" in value and tag == "p":
                found.append(f"<p id={value}> could be the page's own")
            if name in ("src", "href") and "script:" in value:
                found.append(f"<{tag} {name}={value!r}>")
    return found


def exported(notebook: NotebookNode) -> str:
    text = DeckExporter().from_notebook_node(notebook, {"metadata": {"path": "notebooks"}})[0]
    return str(text)


def test_no_cell_adds_anything_to_the_page_that_runs_fetches_or_navigates():
    shown = [(bad, markup(cell)) for bad in HOSTILE for cell in cells(bad)]
    assert [(bad, one) for bad, text in shown for one in dangers(text)] == []
    assert sum(bool(text) for _, text in shown) > 10 * len(HOSTILE)


def test_the_page_escapes_what_a_notebook_says_of_itself():
    bad = f'x">{META}</title>{META}<script>1</script>'
    usual = dangers(exported(new_notebook(cells=[new_markdown_cell("# T", id="t")])))
    title = new_markdown_cell(f"# T {html.escape(bad)}", id="t")
    about = {"title": bad, "lambdadeck_run": {"where": bad, "when": bad, "meaning": bad}}
    for cell in (new_markdown_cell("# T", id="t"), title):
        page = exported(new_notebook(cells=[cell], metadata=about))
        assert dangers(page) == usual
        assert page.index("Content-Security-Policy") < page.index("charset") < page.index("<title>")


def test_no_recorded_output_adds_anything_to_the_slide_that_runs_fetches_or_navigates():
    made = [cell.outputs for bad in HOSTILE for cell in cells(bad) if cell.get("outputs")]
    shown = [recorded_html.fragment(one) for one in made]
    assert [danger for text in shown for danger in dangers(text)] == []


def test_what_this_project_shows_passes_whole():
    option = quiz.QuizOption("It waits", "Because", True)
    asked = quiz.Quiz(1, (quiz.Question("key", "What?", (option, option)),))._repr_html_()
    cleaned = clean(asked)
    rule = re.search(r"#quiz-1-key-\d+ > label \{", asked)  # quizzes on a page are numbered
    assert rule
    parts = (rule[0], 'type="radio"', "<fieldset id=", "<summary", "label for=")
    parts += ("background: var(--panel",)
    assert [part for part in parts if part not in asked or part not in cleaned] == []
    table = '<table class="x"><tr><th scope="col" style="text-align: left;">a</th></tr></table>'
    assert 'scope="col"' in clean(table) and "text-align: left" in clean(table)
    for link in (
        "https://a.example/b?c=1#d",
        "#here",
        "1-under-the-hood.ipynb",
        "http://127.0.0.1:1/x",
    ):
        assert f'href="{link}"' in clean(f'<a href="{link}">x</a>')


def test_a_language_that_is_none_stops_the_export():
    with pytest.raises(NotebookError, match="write it like en"):
        exported(new_notebook(cells=[new_markdown_cell("# T")], metadata={"lang": "e n"}))
