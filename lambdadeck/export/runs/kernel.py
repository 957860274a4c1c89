"""The kernel of a page that runs: it runs cells in a worker, as Jupyter's kernel does."""

import ast
import linecache
import re
import sys
import traceback
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lambdadeck.export.runs import absent

MAGIC = re.compile(r"%%writefile +(\S+)\n")


class Shell:
    """What a cell needs of IPython: its names, its transformers, and what it shows."""

    def __init__(self, show: Callable[[dict[str, str]], None]) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.ast_transformers: list[ast.NodeTransformer] = []
        self._show = show

    def run(self, source: str, name: str) -> bool:
        """Run a cell; show what it shows, its last value and its error; return if it succeeded."""
        place = f"<{name}>"
        linecache.cache[place] = len(source), None, source.splitlines(keepends=True), place
        try:
            if found := MAGIC.match(source):
                self._write(found[1], source[found.end() :])
            else:
                self._execute(source, place)
        except BaseException as error:  # noqa: BLE001  (a cell may raise anything)
            self._show({"error": _traceback(error, place)})
            return False
        return True

    def _write(self, name: str, content: str) -> None:
        what = "Overwriting" if Path(name).exists() else "Writing"
        Path(name).write_text(content, encoding="utf-8")
        print(f"{what} {name}")

    def _execute(self, source: str, place: str) -> None:
        tree = ast.parse(source, place)
        for transformer in self.ast_transformers:
            tree = ast.fix_missing_locations(transformer.visit(tree))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, place, "exec"), self.names)
        if isinstance(last, ast.Expr):
            code = compile(ast.Expression(last.value), place, "eval")
            self.display(eval(code, self.names))

    def display(self, value: Any) -> None:
        """Show a value in its best form, None not at all; then what its slide's title ends with."""
        if value is not None:
            self._show(_forms(value))
        if number := _number(value):
            self._show({"number": number})


def _number(value: Any) -> str:
    """Return what a table or a figure adds to its slide's title, "" for another value."""
    made = getattr(value, "_repr_mimebundle_", None)
    found = made() if callable(made) else None
    about = found[1] if isinstance(found, tuple) else {}
    return str(about.get("lambdadeck", {}).get("number", ""))


def _forms(value: Any) -> dict[str, str]:
    made = getattr(value, "_repr_html_", None)  # not a bundle, which may hold a widget
    markup = made() if callable(made) else None
    return {"html": markup} if markup else {"result": repr(value)}


def _traceback(error: BaseException, place: str) -> str:
    """Return the trace of an error from its cell on."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != place:
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace)).rstrip()


def ipython(shell: Shell) -> None:
    """Give modules that ask IPython for the shell this one."""
    package, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    package.get_ipython = lambda: shell  # type: ignore[attr-defined]
    package.display = display  # type: ignore[attr-defined]
    display.display = shell.display  # type: ignore[attr-defined]
    display.HTML = Markup  # type: ignore[attr-defined]
    display.DisplayHandle = object  # type: ignore[attr-defined]  # of a progress bar
    sys.modules.update({"IPython": package, "IPython.display": display})


class Markup(str):
    """IPython's HTML: a text that is shown as markup."""

    def _repr_html_(self) -> str:
        return str(self)


def _draw_here() -> None:
    """Let `figures` draw what a page can draw; the other figures are stand-ins."""
    from lambdadeck import figures
    from lambdadeck.export.runs import drawings

    for name in drawings.FIGURES:
        setattr(figures, name, getattr(drawings, name))


def start(page: Any, run_sync: Any, proxy: Any, given: dict[str, Any]) -> Shell:
    """Start the page's Lambda, and return the shell that runs cells."""
    absent.install()
    _draw_here()
    shell = Shell(lambda forms: page.show(*next(iter(forms.items()))))
    ipython(shell)
    from lambdadeck.engine import browser  # here: it needs the stand-ins

    browser.begin(page, run_sync, proxy, given)
    return shell
