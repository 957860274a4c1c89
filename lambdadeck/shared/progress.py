"""A progress bar in the notebook: plain HTML, so that it also works where widgets do not."""

from __future__ import annotations

import html
from types import TracebackType

from IPython import get_ipython
from IPython.display import HTML, DisplayHandle, display


class Progress:
    """Shows how many of `total` steps are done, and the name of the one under way; goes away at the end.

    Outside a notebook it shows nothing.
    """

    def __init__(self, total: int) -> None:
        self._total, self._done = total, -1
        self._handle: DisplayHandle | None = None

    def step(self, words: str) -> None:
        """The step before is done; this one begins."""
        self._done += 1
        if self._handle:
            self._handle.update(HTML(bar(self._done, self._total, words)))

    def __enter__(self) -> Progress:
        if getattr(get_ipython(), "kernel", None) is not None:
            self._handle = display(HTML(bar(0, self._total, "")), display_id=True)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._handle:
            self._handle.update(HTML(""))


def bar(done: int, total: int, words: str) -> str:
    """The bar as HTML, its state in words beside it."""
    label = html.escape(f"{done} of {total}  {words}")
    return (
        f'<progress max="{total}" value="{done}" aria-label="{label}" style="width: 40%; accent-color: var(--lambda)"></progress> '
        f'<span aria-live="polite">{label}</span>'
    )
