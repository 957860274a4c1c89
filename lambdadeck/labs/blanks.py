"""Skip cells that still have a blank (`...`): they say so, and the names they bind become `...`."""

import ast
import html
from dataclasses import dataclass

from lambdadeck.labs.html import box

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
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
    """Return the number of blanks in it: each `...` but those that Python itself has a use for.

    Such are the arguments of `lesson.…()`, types and indexes (`tuple[int, ...]`), defaults,
    comparisons, and the one statement of a block other than a function's body (`except …: ...`).
    """
    used = {id(part) for part in ast.walk(statement) for part in _used(part)}
    return sum(_is_blank(part) and id(part) not in used for part in ast.walk(statement))


def _used(part: ast.AST) -> list[ast.AST]:
    """Return the nodes below `part` in which a `...` is no blank."""
    roots: list[ast.AST] = []
    if _is_lesson_call(part):
        roots = [part]
    elif isinstance(part, ast.Subscript):
        roots = [part.slice]
    elif isinstance(part, ast.Compare):
        roots = [part.left, *part.comparators]
    elif isinstance(part, ast.arguments):
        roots = [each for each in (*part.defaults, *part.kw_defaults) if each]
    else:
        roots = [*_passes(part)]
    return [each for root in roots for each in ast.walk(root)]


def _passes(part: ast.AST) -> list[ast.stmt]:
    """Return the blocks below `part` that are a lone `...`, which stands for `pass`."""
    if isinstance(part, ast.ClassDef):
        methods = [each.body for each in part.body if isinstance(each, _FUNCTIONS)]
        blocks = [part.body, *methods]
    elif isinstance(part, _FUNCTIONS):
        blocks = [part.body] if part.decorator_list else []
    elif isinstance(part, (ast.Module, ast.Expression, ast.Lambda)):
        blocks = []
    else:
        found = (getattr(part, name, []) for name in ("body", "orelse", "finalbody"))
        blocks = [each for each in found if isinstance(each, list)]
    return [block[0] for block in blocks if len(block) == 1 and _is_pass(block[0])]


def _is_pass(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and _is_blank(statement.value)


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
