"""The page shows what a cell showed: colors, tables, figures, formulas, place and time."""

import base64
import io
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_output
from PIL import Image, ImageDraw

from lambdadeck.export import images, outputs
from lambdadeck.export.adapt import adapted
from lambdadeck.figures import base
from lambdadeck.notebook import RUN
from lambdadeck.notebook.errors import NotebookError
from tests.support.exporting import code, converted, markdown, shows


def shown(*all_outputs: NotebookNode) -> str:
    return "".join(outputs.shown(code("x", *all_outputs)))


def drawing(colours: int = 3) -> bytes:
    picture = Image.new("RGB", (400, 200), "white")
    pen = ImageDraw.Draw(picture)
    for number in range(colours):
        pen.line(
            (0, number % 200, 400, 200 - number % 200),
            fill=(number % 256, number * 7 % 256, number // 256 * 40 % 256),
            width=2,
        )
    saved = io.BytesIO()
    picture.save(saved, "PNG")
    return saved.getvalue()


def a_figure(alt: str = "Two lines that cross.") -> NotebookNode:
    words = {
        "title": "They cross",
        "alt": alt,
        "how_to_read": "",
        "data": "",
        "table": {"headers": ["load", "US$"], "rows": [[1, 0.1 + 0.2], [2, None]]},
    }
    output = shows(
        {"image/png": {"width": 200, "height": 100, "alt": alt}},
        image_png=base64.b64encode(drawing()).decode(),
    )
    output.data[outputs.FIGURE] = words
    return output


def test_terminal_colours_become_classes_of_the_theme() -> None:
    markup = shown(new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m & <b>plain</b>"))
    assert '<span class="ansi-red-fg">red</span>' in markup
    assert "&amp; &lt;b&gt;plain&lt;/b&gt;" in markup


def test_what_was_printed_in_pieces_is_one_output() -> None:
    pieces = [
        new_output("stream", name="stdout", text=text) for text in ("10 %\r", "100 %\n", "done")
    ]
    page = converted(markdown("# Deck"), code("x", *pieces))
    assert '<pre class="terminal stdout" tabindex="-1">100 %\ndone</pre>' in page


def test_standard_error_is_marked_as_such() -> None:
    assert 'class="terminal stderr"' in shown(new_output("stream", name="stderr", text="careful"))


def test_a_figures_numbers_are_a_table_with_unknowns_said() -> None:
    markup = shown(a_figure())
    assert '<th scope="col">US$</th>' in markup
    assert '<table class="number-1 number-2">' in markup
    assert "<td>0.3<" in markup  # without the noise of floating point
    assert "<td>unknown<" in markup and "Assumed" not in markup
    comparison = a_figure()
    comparison.data[outputs.FIGURE]["assumed"] = "no peak & no people"
    assert "<p>Assumed: no peak &amp; no people.</p></div></details>" in shown(comparison)


def test_a_figure_keeps_its_alternative_text_and_its_resolution() -> None:
    markup = converted(markdown("# Deck"), code("x", a_figure("A < B")))
    assert 'alt="A &lt; B"' in markup
    content = markup.split('<img src="data:image/png;base64,')[1].split('"')[0]
    assert Image.open(io.BytesIO(base64.b64decode(content))).size == (400, 200)


def test_the_notebook_that_is_converted_stays_as_it_is() -> None:
    cell = code(
        "x", shows({"image/png": {"alt": "Lines"}}, image_png=base64.b64encode(drawing()).decode())
    )
    before = cell.outputs[0].data["image/png"]
    page = converted(markdown("# Deck"), cell)
    assert cell.outputs[0].data["image/png"] == before
    assert before not in page


def test_the_figures_type_is_the_one_that_figures_have() -> None:
    assert outputs.FIGURE == base.MIME


def test_a_picture_with_few_colours_keeps_every_one_of_them() -> None:
    before, after = drawing(), images.smaller(drawing())
    assert (
        Image.open(io.BytesIO(after)).convert("RGB").tobytes()
        == Image.open(io.BytesIO(before)).tobytes()
    )


def test_a_picture_is_never_made_larger() -> None:
    for colours in (1, 5000):
        assert len(images.smaller(drawing(colours))) <= len(drawing(colours))


def test_a_formula_needs_no_script() -> None:
    page = converted(markdown("# Cost\n\n$c = r \\cdot d$ and\n\n$$\\frac{1}{2}$$"))
    assert page.count("<math") == 2 and "<mfrac>" in page and "$c" not in page


def test_a_latex_output_is_a_formula_too() -> None:
    assert "<mfrac>" in shown(shows(text_latex=r"$\displaystyle \frac{1}{2}$"))


def test_html_is_preferred_to_text_and_text_is_escaped() -> None:
    assert "<em>rich</em>" in shown(shows(text_html="<em>rich</em>", text_plain="plain"))
    assert "&lt;Object&gt;" in shown(shows(text_plain="<Object>"))


def test_colours_of_the_palette_follow_the_theme() -> None:
    assert (
        str(adapted('<td style="color: #00738f; width: 1px">cold #00738f</td>'))
        == '<td style="color: var(--cold); width: 1px">cold #00738f</td>'
    )


def test_a_header_cell_without_words_is_no_header() -> None:
    assert (
        str(adapted('<th scope="row" style="x"></th><th scope="row">a</th>'))
        == '<td style="x"></td><th scope="row">a</th>'
    )


def test_an_output_says_where_and_when_it_ran() -> None:
    cell = code("1", shows(text_plain="1"))
    cell.metadata["execution"] = {"iopub.status.busy": "2026-11-23T16:40:00.5Z"}
    page = converted(
        markdown("# Deck"), cell, **{RUN: {"where": "LOCAL · Linux x86_64", "when": "2026-11-23"}}
    )
    assert '<p class="ran">LOCAL · Linux x86_64 · 2026-11-23 16:40 UTC</p>' in page


def test_an_output_of_unknown_origin_says_that() -> None:
    assert "where and when it ran is not recorded" in converted(
        markdown("# Deck"), code("1", shows(text_plain="1"))
    )


def test_skipped_cells_are_in_the_page_for_the_article() -> None:
    assert 'class="cell text-cell skip"' in converted(
        markdown("# Deck"), markdown("More to read", "skip", id="more")
    )


def test_fragments_stay_fragments() -> None:
    page = converted(
        markdown("# Deck"),
        markdown("first", "fragment", id="a"),
        markdown("second", "fragment", id="b"),
    )
    assert page.count('class="part fragment"') == 2


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        ("<script>1</script>", "holds a script"),
        ('<b onclick="x()">b</b>', "is a script"),
        ('<img alt="logo" src="https://example.org/a.png">', "would be fetched"),
        ('<iframe srcdoc="x"></iframe>', "another page in a frame"),
        ('<img src="data:image/png;base64,AA==">', "no alternative text"),
        ('<link rel="stylesheet" href="a.css">', "links a style sheet"),
    ],
)
def test_what_the_page_cannot_show_stops_the_export_and_names_the_cell(
    markup: str, problem: str
) -> None:
    with pytest.raises(NotebookError, match=f"Cell 'code': .*{problem}"):
        converted(markdown("# Deck"), code("x", shows(text_html=markup)))


def test_a_widget_without_another_form_stops_the_export() -> None:
    output = shows(text_plain="IntSlider()")
    output.data[outputs.WIDGET] = {"model_id": "1"}
    with pytest.raises(NotebookError, match="Cell 'code': its output is a widget"):
        converted(markdown("# Deck"), code("x", output))


def test_a_recorded_error_stops_the_conversion_unless_it_is_meant() -> None:
    error = new_output(
        "error", ename="KeyError", evalue="'x'", traceback=["\x1b[31mKeyError\x1b[0m: 'x'"]
    )
    with pytest.raises(NotebookError, match="Cell 'code': it failed with KeyError"):
        converted(markdown("# Deck"), code("x", error))
    meant = code("x", error)
    meant.metadata["tags"] = ["raises-exception"]
    assert "ansi-red-fg" in converted(markdown("# Deck"), meant)


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match=r"Cell 'words': The picture no\.svg cannot be read"):
        converted(markdown("![lambda](no.svg)"), folder=tmp_path)


def test_a_picture_from_elsewhere_is_refused() -> None:
    with pytest.raises(NotebookError, match="is on the network, but the page must work offline"):
        converted(markdown("![lambda](https://example.org/a.svg)"))


def test_a_picture_beside_the_notebook_is_inside_the_page(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert 'src="data:image/svg+xml;base64,' in converted(
        markdown("![lambda](a.svg)"), folder=tmp_path
    )
