"""Figures of the page as SVG: safe, with their own ids, in the page's colors, text as text."""

import re

import pytest

from lambdadeck import figures
from lambdadeck.export import vector
from lambdadeck.export.adapt import adapted
from lambdadeck.notebook.errors import NotebookError
from lambdadeck.shared import style


def inline(inside: str, number: int = 1) -> str:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'
    return vector.inline(svg, number, "It grows", "A line that grows.")


@pytest.fixture(scope="module")
def rounding() -> str:
    return adapted(vector.inline(figures.rounding(5).svg(), 1, "Rounding", "Two lines."))


def test_what_could_run_fetch_or_leave_the_picture_is_dropped() -> None:
    hostile = (
        "<script>evil()</script>",
        "<g onload='evil()'/>",
        "<foreignObject><iframe src='http://evil'/></foreignObject>",
        "<a href='javascript:evil()'><path d='M 0 0'/></a>",
        "<use href='http://evil/#a'/>",
        "<image href='http://evil/a.png'/>",
        "<image href='data:image/svg+xml;base64,evil'/>",
        "<animate attributeName='href' to='evil'/>",
        "<style>@import 'http://evil'</style>",
        "<path style='fill: url(http://evil)'/>",
        "<path style='fill: u\\rl(evil)'/>",
        "<path style='position: fixed; background: image(evil)'/>",
        "<path clip-path='url(http://evil#a)'/>",
        "<path d='M 0 0\"/>&lt;script>evil()&lt;/script>'/>",
        "<set attributeName='onload' to='evil()'/>",
    )
    kept = [markup for markup in hostile if "evil" in inline(markup) or "url" in inline(markup)]
    assert kept == []


def test_words_in_a_picture_stay_words() -> None:
    assert "&lt;script&gt;evil()&lt;/script&gt;" in inline(
        "<text>&lt;script&gt;evil()&lt;/script&gt;</text>"
    )


@pytest.mark.parametrize(
    "svg",
    [
        "no SVG",
        "<html viewBox='0 0 1 1'/>",
        '<svg xmlns="http://www.w3.org/2000/svg"/>',
        '<!DOCTYPE svg [<!ENTITY a "b">]><svg viewBox="0 0 1 1">&a;</svg>',
        f'<svg viewBox="0 0 1 1">{"<g>" * 400}{"</g>" * 400}</svg>',
    ],
    ids=["text", "another element", "no size", "an entity", "deep"],
)
def test_what_is_no_drawing_is_refused_in_a_sentence(svg: str) -> None:
    with pytest.raises(NotebookError, match="its figure is not SVG"):
        vector.inline(svg, 1, "Title", "Words.")


def test_a_picture_without_a_description_is_refused() -> None:
    with pytest.raises(NotebookError, match="no alternative text"):
        vector.inline('<svg viewBox="0 0 1 1"/>', 1, "Title", " ")


def test_two_figures_share_no_id_and_refer_to_their_own() -> None:
    inside = "<defs><clipPath id='a'/></defs><path clip-path='url(#a)'/><use href='#a'/>"
    one, two = (set(re.findall(r'(?:#|id=")([\w-]+)', inline(inside, number))) for number in (1, 2))
    assert one == {"figure-1-title", "figure-1-desc", "figure-1-a"} and not one & two


def test_a_screen_reader_gets_title_and_description() -> None:
    markup = inline("<path d='M 0 0'/>")
    assert markup.startswith('<svg viewBox="0 0 9 9" role="img" aria-labelledby="figure-1-title"')
    assert '<desc id="figure-1-desc">A line that grows.</desc>' in markup


def test_a_figures_text_is_text_and_its_colors_are_the_pages(rounding: str) -> None:
    assert ">duration in ms</text>" in rounding and ">to 1 ms (now)</text>" in rounding
    assert set(re.findall(r"#[0-9a-fA-F]{6}\b", rounding)) == set()
    names = {style.tokens()[name] for name in re.findall(r"var\(--([\w-]+)\)", rounding)}
    assert names <= set(vars(style.palette()).values())


def test_an_attribute_of_the_look_is_one_of_the_style_and_a_hatch_keeps_its_paper() -> None:
    hatch = adapted(inline(f'<pattern id="a"><rect fill="{style.palette().paper}"/></pattern>'))
    assert '<rect style="fill:var(--paper)"' in hatch
    assert '<path style="fill:#111111;fill:#222222"' in inline(
        '<path fill="#111111" style="fill: #222222"/>'
    )


def test_a_figures_ids_are_those_that_it_refers_to(rounding: str) -> None:
    ids = re.findall(r' id="([^"]+)"', rounding)
    used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', rounding))
    assert len(ids) == len(set(ids)) and {name for pair in used for name in pair if name} <= set(
        ids
    )
