"""Undo what a trigger made: every call is tried, and each failure is told in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from lambdadeck import aws
from lambdadeck.shared import redaction


class NotRemovedError(RuntimeError):
    """Something that was made could not be removed; the message says what, why and what to do."""


class CleanUp:
    """Make undo calls when its block ends, last first; a failed one does not stop the others.

    Failures go as sentences into `failures` and as notes to an error of the block. Without either,
    NotRemovedError is raised.
    """

    def __init__(self, owner: str, failures: list[str] | None = None) -> None:
        self._owner, self._failures = owner, failures
        self._stack, self._failed = ExitStack(), list[str]()

    def undo(self, call: Callable[..., object], **arguments: object) -> None:
        """Register a call for the end of the block."""
        self._stack.callback(self._try, call, arguments)

    def __enter__(self) -> CleanUp:
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        self._stack.close()
        for sentence in self._failed:
            if error is not None:
                error.add_note(sentence)
        if self._failures is not None:
            self._failures += self._failed
        elif self._failed and error is None:
            raise NotRemovedError(" ".join(self._failed))

    def _try(self, call: Callable[..., object], arguments: dict[str, object]) -> None:
        try:
            call(**arguments)
        except Exception as error:  # noqa: BLE001 - told, and the calls after it must be made
            rest = (
                "scripts/teardown removes it" if aws.asked() else "it ends with the embedded cloud"
            )
            reason = redaction.text(str(error)).rstrip(".")
            self._failed.append(f"Not removed after {self._owner}: {reason}; {rest}.")
