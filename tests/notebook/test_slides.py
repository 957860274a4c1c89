"""Which cell goes to which slide."""

import pytest
from nbformat import NotebookNode

from lambdadeck.notebook.errors import NotebookError
from lambdadeck.notebook.slides import stacks
from tests.support.exporting import markdown


def outline(*cells: NotebookNode) -> list[list[list[tuple[bool, list[str]]]]]:
    return [
        [
            [(part.fragment, [cell.id for cell in part.cells]) for part in slide.parts]
            for slide in stack
        ]
        for stack in stacks(list(cells))
    ]


def cells(text: str) -> list[NotebookNode]:
    """Make cells of a text such as: slide a, - b."""
    return [
        markdown(name, kind, id=name) for kind, name in (word.split() for word in text.split(","))
    ]


def test_a_slide_opens_a_section_and_a_subslide_goes_below_it() -> None:
    assert outline(*cells("slide a, subslide b, slide c")) == [
        [[(False, ["a"])], [(False, ["b"])]],
        [[(False, ["c"])]],
    ]


def test_a_plain_cell_joins_the_fragment_before_it() -> None:
    assert outline(*cells("slide a, - b, fragment c, - d, fragment e")) == [
        [[(False, ["a", "b"]), (True, ["c", "d"]), (True, ["e"])]]
    ]


def test_notes_leave_the_order_of_what_is_shown_alone() -> None:
    slide = stacks(cells("slide a, notes n, - b, notes m"))[0][0]
    assert [cell.id for cell in slide.parts[0].cells] == ["a", "b"]
    assert [cell.id for cell in slide.notes] == ["n", "m"]


def test_a_skipped_cell_keeps_its_place_for_the_article() -> None:
    assert outline(*cells("slide a, fragment b, skip s, - c")) == [
        [[(False, ["a"]), (True, ["b", "s", "c"])]]
    ]


def test_a_slide_of_skipped_cells_is_not_on_stage() -> None:
    first, second = stacks(cells("skip s, slide a"))
    assert (first[0].is_shown, second[0].is_shown) == (False, True)


def test_a_slide_is_addressed_by_its_first_cell_on_stage() -> None:
    assert stacks(cells("slide a, - b"))[0][0].id == "a"


def test_cells_before_the_first_slide_make_a_slide() -> None:
    assert outline(*cells("- a, slide b")) == [[[(False, ["a"])]], [[(False, ["b"])]]]


def test_an_unknown_kind_of_slide_is_refused_by_name() -> None:
    with pytest.raises(NotebookError, match="Cell 'a': slide_type 'sldie' is unknown"):
        stacks(cells("sldie a"))
