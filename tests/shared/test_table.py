"""A table for a slide: nothing becomes markup, columns stand on the grid, the footer is short."""

import re

from lambdadeck.shared.table import Table

GRID = 49 / 1152  # of the width


def widths(made: Table) -> list[float]:
    """Return the widths of all columns but the last, in steps of the grid."""
    return [float(one) / 100 / GRID for one in re.findall(r"width: ([0-9.]+)%", made._repr_html_())]


def test_markup_in_a_value_stays_text():
    html = Table(("<b>", "c"), [("<script>", "<i>")], "<i>")._repr_html_()
    assert "<script>" not in html and "<i>" not in html and "&lt;script&gt;" in html


def test_the_first_column_names_the_row_and_the_headings_their_columns():
    html = Table(("name", "value"), [("role", "x")])._repr_html_()
    assert html.count('scope="row"') == 1 and html.count('scope="col"') == 2


def test_what_differs_or_is_chosen_is_bold():
    rows = [("x", "y: differs"), ("x", "same"), ("x", "FAILED")]
    usual, chosen = Table(("a", "b"), rows), Table(("a", "b"), rows, bold=("FAILED",))
    bold = r'font-weight: bold">([^<]+)'
    assert re.findall(bold, usual._repr_html_()) == ["y: differs"]
    assert re.findall(bold, chosen._repr_html_()) == ["FAILED"]


def test_no_dollar_sign_can_be_taken_for_a_formula():
    html = Table(("a", "b"), [("$KEY, $SECRET", "$1")])._repr_html_()
    assert "<span>$</span>KEY, <span>$</span>SECRET" in html and "<span>$</span>1" in html


def test_a_table_is_its_text_also_where_a_page_has_no_html():
    made = Table(("a", "ms"), [("x", "7")], "why")
    assert repr(made) == str(made) == "a  ms\nx  7\nwhy"


def test_every_column_starts_on_the_grid_and_the_last_one_fits():
    for row in (("x", "7", "y"), ("arn:aws:iam::" + "x" * 90, "a" * 40, "7"), ("a",) * 10):
        made = Table(row, [row])
        steps = widths(made)
        assert len(steps) == len(row) - 1 and min(steps) > 1.99, row
        assert all(abs(step - round(step)) < 0.01 for step in steps), row
        assert sum(steps) <= 21.01, row


def test_the_footer_of_a_slide_takes_whole_parts_of_a_caption():
    def footer(caption: str) -> str:
        return Table(("a",), [("x",)], caption)._repr_mimebundle_()[1]["lambdadeck"]["source"]

    assert footer("Short. Whole.") == "Short. Whole."
    assert footer("First v1.2 part · " + "second " * 20) == "First v1.2 part"
    assert len(footer("word " * 60)) <= 90
