"""A table whose rows are one line each, as small as a slide allows."""

from lambdadeck.shared.table import CompactTable

LONG = "arn:aws:iam::123456789012:role/" + "x" * 60 + "-the-end"


def test_a_long_value_loses_its_middle_on_a_slide_and_nothing_as_text():
    made = CompactTable(("name", "value"), [("role", LONG)])
    assert (
        "arn:aws:ia…" in made._repr_html_()
        and "-the-end" in made._repr_html_()
        and LONG not in made._repr_html_()
    )
    assert LONG in str(made)


def test_markup_in_a_value_stays_text():
    html = CompactTable(("<b>",), [("<script>",)], "<i>")._repr_html_()
    assert "<script>" not in html and "<i>" not in html and "&lt;script&gt;" in html


def test_the_first_column_names_the_row_and_the_headings_their_columns():
    html = CompactTable(("name", "value"), [("role", "x")])._repr_html_()
    assert html.count('scope="row"') == 1 and html.count('scope="col"') == 2


def test_what_differs_is_bold():
    assert (
        "bold"
        in CompactTable(("a", "b"), [("x", "y: differs")])
        ._repr_html_()
        .split("y: differs")[0]
        .rsplit("<td", 1)[1]
    )
    assert (
        "normal"
        in CompactTable(("a", "b"), [("x", "same")])
        ._repr_html_()
        .split("same")[0]
        .rsplit("<td", 1)[1]
    )


def test_no_dollar_sign_can_be_taken_for_a_formula():
    html = CompactTable(("a",), [("$KEY, $SECRET",)])._repr_html_()
    assert "<span>$</span>KEY, <span>$</span>SECRET" in html
