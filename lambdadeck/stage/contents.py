"""Save files so that whoever reads one meanwhile, for example a second tab, gets all of it."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from lambdadeck.shared import files


class Contents(AsyncLargeFileManager):
    """Jupyter's files, with a save that replaces the whole file at once.

    Jupyter itself writes into the file. A reader that finds half of a notebook there takes it for
    broken: Jupyter sets it aside as `.invalid` and puts the old one back, so the save is lost.
    """

    @contextmanager
    def atomic_writing(
        self, os_path: str, text: bool = True, encoding: str = "utf-8", **settings: Any
    ) -> Iterator[IO[Any]]:
        """Yield a buffer that becomes the file's content; without an error, and at once."""
        target = Path(os_path).resolve()
        if not _can_replace(target):  # new, or Jupyter knows how to write it or what to answer
            with super().atomic_writing(os_path, text=text, encoding=encoding, **settings) as file:
                yield file
            return
        written = io.BytesIO()
        file = io.TextIOWrapper(written, encoding, newline="\n") if text else written
        yield file
        file.flush()
        with self.perm_to_403(os_path):
            mode = target.stat().st_mode & 0o777
            files.replace(target, written.getvalue(), mode, sync=True)


def _can_replace(target: Path) -> bool:
    return target.is_file() and all(os.access(path, os.W_OK) for path in (target, target.parent))
