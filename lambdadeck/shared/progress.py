"""Show a progress bar in the notebook: plain HTML, which works without widgets."""

from __future__ import annotations

import html
from types import TracebackType

from IPython import get_ipython
from IPython.display import HTML, DisplayHandle, display


class ProgressBar:
    """How many of `total` steps are done, and the current one; shows nothing outside a notebook."""

    def __init__(self, total: int) -> None:
        self._total, self._done = total, -1
        self._handle: DisplayHandle | None = None

    def step(self, words: str) -> None:
        """Finish the step before and begin this one."""
        self._done += 1
        if self._handle:
            self._handle.update(HTML(bar(self._done, self._total, words)))

    def __enter__(self) -> ProgressBar:
        if getattr(get_ipython(), "kernel", None) is not None:
            self._handle = display(HTML(bar(0, self._total, "")), display_id=True)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._handle:
            self._handle.update(HTML(""))


def bar(done: int, total: int, words: str) -> str:
    """Return the bar as HTML, with its state in words."""
    label = html.escape(f"{done} of {total}  {words}")
    look = "width: 40%; accent-color: var(--lambda)"
    return (
        f'<progress max="{total}" value="{done}" aria-label="{label}" style="{look}"></progress> '
        f'<span aria-live="polite">{label}</span>'
    )
