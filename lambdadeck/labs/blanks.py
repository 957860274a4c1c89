"""A cell that still has a blank (`...`) is not run: it says so, and what it would have made is `...` too."""

from __future__ import annotations

import ast
import html
from dataclasses import dataclass

from lambdadeck.labs.html import box

LESSON = (
    "lesson"  # the module's name in the notebooks: its own functions know what to do with a blank
)


@dataclass(frozen=True)
class Unfilled:
    """What such a cell shows."""

    blanks: int

    def __repr__(self) -> str:
        what = "a blank" if self.blanks == 1 else f"{self.blanks} blanks"
        return f"… This cell still has {what}, so nothing of it was run: replace each ... and run it again."

    def _repr_html_(self) -> str:
        return box(html.escape(repr(self)))


class SkipUnfilled(ast.NodeTransformer):
    """For IPython's `ast_transformers`: replaces a cell with blanks by the news of them."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        blanks = sum(count(statement) for statement in node.body)
        if blanks == 0:
            return node
        text = "".join(f"{name} = ...\n" for name in sorted(made(node)))
        told = ast.parse(
            f"{text}from lambdadeck.labs import blanks as _blanks\n_blanks.Unfilled({blanks})"
        )
        return ast.fix_missing_locations(told)


def count(statement: ast.AST) -> int:
    """How many `...` are in it, those that are arguments of `lesson.…()` apart."""
    inside = {
        id(part) for call in ast.walk(statement) if _is_lesson_call(call) for part in ast.walk(call)
    }
    return sum(_is_blank(part) and id(part) not in inside for part in ast.walk(statement))


def made(node: ast.Module) -> set[str]:
    """The names that the cell binds at its top level."""
    names: set[str] = set()
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(statement.name)
        elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
            names |= {
                part.id
                for part in ast.walk(statement)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
    return names


def _is_blank(part: ast.AST) -> bool:
    return isinstance(part, ast.Constant) and part.value is ...


def _is_lesson_call(part: ast.AST) -> bool:
    return (
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and isinstance(part.func.value, ast.Name)
        and part.func.value.id == LESSON
    )
