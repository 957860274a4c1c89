"""Keep in memory what a talk must not lose with its page: slide, clock, outputs of its cells."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from lambdadeck.export.outputs import WIDGET
from lambdadeck.stage import occasion, recordings

ENDED = "These controls ended with their kernel: press Shift-Enter to have them again."


@dataclass
class Talk:
    """One notebook's talk: place (indices of slide and fragment), start (ms since 1970), route.

    `outputs` is as recordings.page_data, by cell id, with the `model` of a widget in its kernel.
    """

    place: tuple[int, int, int] | None = None
    started: int | None = None
    route: str | None = None
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def page_data(self) -> dict[str, Any]:
        """Return for the page what is known."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def change(self, change: Mapping[str, Any]) -> None:
        """Take over a change from the page; ValueError, TypeError or KeyError if it is none.

        SecretLeakError, a ValueError, if outputs hold a secret that redaction left.
        """
        if place := change.get("place"):
            h, v, fragment = (int(index) for index in place)
            self.place = h, v, fragment
        if started := change.get("started"):
            self.started = int(started)
        if route := change.get("route"):
            self.route = occasion.route(str(route))
        if ran := change.get("ran"):
            self._ran(str(ran["id"]), str(ran["source"]), ran["outputs"])

    def _ran(self, cell_id: str, source: str, outputs: Sequence[object]) -> None:
        nodes = [nbformat.from_dict(output) for output in outputs]
        panels = [node.data for node in nodes if WIDGET in node.get("data", {})]
        for panel in panels:
            panel["text/plain"] = ENDED
        cell = NotebookNode({"id": cell_id, "source": source, "outputs": nodes})
        made = recordings.recording(cell, dt.datetime.now(dt.UTC), "", NotebookNode())
        self.outputs[cell_id] = recordings.shown(made)
        for panel in panels:
            self.outputs[cell_id]["model"] = str(panel[WIDGET]["model_id"])
