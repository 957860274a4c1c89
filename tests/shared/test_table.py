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


def test_a_table_is_its_text_also_where_a_page_has_no_html():
    made = CompactTable(("a", "ms"), [("x", "7")], "why")
    assert repr(made) == str(made) == "a  ms\nx  7\nwhy"


def test_columns_to_the_right_bold_words_and_rows_in_full_are_chosen():
    rows = [("a", LONG, "7", "FAILED"), ("b", LONG, "8", "FIRED")]
    made = CompactTable(("x", "y", "ms", "how"), rows, "", ("ms",), ("FAILED",), ("FAILED",))
    failed, fired = made._repr_html_().split("<tr>")[2:]
    assert LONG in failed and "white-space: normal" in failed and "bold" in failed.rsplit("<td")[-1]
    assert LONG not in fired and "normal;" in fired.rsplit("<td")[-1]
    assert made._repr_html_().count("text-align: right") == 3
