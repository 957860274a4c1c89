"""Skip cells that still have a blank (`...`): they say so, and the names they bind become `...`."""

import ast
import html
from dataclasses import dataclass

from lambdadeck.labs.html import box

LESSON = "lesson"  # the module's name in notebooks: its functions know what to do with a blank


@dataclass(frozen=True)
class Unfilled:
    """The output of a skipped cell."""

    blanks: int

    def __repr__(self) -> str:
        what = "a blank" if self.blanks == 1 else f"{self.blanks} blanks"
        return (
            f"… This cell still has {what}, so it did not run: replace each ... and run it again."
        )

    def _repr_html_(self) -> str:
        return box(html.escape(repr(self)))


class SkipUnfilled(ast.NodeTransformer):
    """Replace a cell that has blanks by a message; for IPython's `ast_transformers`."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        blanks = sum(count(statement) for statement in node.body)
        if blanks == 0:
            return node
        code = "".join(f"{name} = ...\n" for name in sorted(bound(node)))
        code += f"from lambdadeck.labs import blanks as _blanks\n_blanks.Unfilled({blanks})"
        return ast.fix_missing_locations(ast.parse(code))


def count(statement: ast.AST) -> int:
    """Return the number of `...` in it, except those in arguments of `lesson.…()`."""
    calls = [part for part in ast.walk(statement) if _is_lesson_call(part)]
    inside = {id(part) for call in calls for part in ast.walk(call)}
    return sum(_is_blank(part) and id(part) not in inside for part in ast.walk(statement))


def bound(node: ast.Module) -> set[str]:
    """Return the names that a cell binds at its top level, except by imports."""
    names: set[str] = set()
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(statement.name)
        elif not isinstance(statement, (ast.Import, ast.ImportFrom)):
            parts = [part for part in ast.walk(statement) if isinstance(part, ast.Name)]
            names |= {part.id for part in parts if isinstance(part.ctx, ast.Store)}
    return names


def _is_blank(part: ast.AST) -> bool:
    return isinstance(part, ast.Constant) and part.value is ...


def _is_lesson_call(part: ast.AST) -> bool:
    if not (isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)):
        return False
    return isinstance(part.func.value, ast.Name) and part.func.value.id == LESSON
