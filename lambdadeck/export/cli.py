"""scripts/export: run the deck on a clean kernel and write it as one HTML page, and as PDF if asked for."""

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.shared.paths import DECK, ROOT


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    out: Path
    notebooks: tuple[Path, ...]
    pdf: bool
    has_index: bool = False


def options(arguments: list[str]) -> Options:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/export",
        description="Run the deck on a clean kernel and write it as one HTML page that works offline: slides, article and handout.",
    )
    parser.add_argument(
        "notebook", nargs="?", type=Path, default=DECK, help="another notebook than the talk"
    )
    parser.add_argument(
        "--all", action="store_true", help="the talk and the labs, with an index page"
    )
    parser.add_argument(
        "--out", type=Path, default=ROOT / "build", help="the folder to write to (default: build/)"
    )
    parser.add_argument(
        "--pdf", action="store_true", help="write a tagged PDF as well, with the installed Chromium"
    )
    given = parser.parse_args(arguments)
    if given.all and given.notebook != DECK:
        parser.error("--all takes no notebook: it exports the talk and every lab.")
    return Options(
        given.out, (DECK, *labs()) if given.all else (given.notebook,), given.pdf, given.all
    )


def labs(folder: Path = DECK.parent) -> list[Path]:
    """The labs' notebooks, in their order."""
    return sorted(folder.glob("[0-9]*-*.ipynb"))


def export(asked: Options) -> list[Path]:
    """Write the pages (and PDFs, and the index); returns the files. NotebookError leaves what was there before as it was."""
    # Imported here, because scripts/export answers --help before these are installed.
    from lambdadeck.export import index, pdf

    browser = pdf.chromium() if asked.pdf else ""  # without one, say so before the deck runs
    pages = {
        asked.out / f"{path.stem}.html": _page(path, asked.has_index) for path in asked.notebooks
    }
    if asked.has_index:
        pages[asked.out / "index.html"] = index.page(asked.notebooks)
    for target, page in pages.items():
        write(target, page.encode())
    printed = [
        pdf.printed(target, browser)
        for target in pages
        if asked.pdf and target.name != "index.html"
    ]
    return [*pages, *printed]


def _page(path: Path, has_index: bool) -> str:
    from lambdadeck.export.exporter import INDEX, DeckExporter
    from lambdadeck.notebook import execute

    print(f"Running {path.name} on a clean kernel …", flush=True)
    notebook = execute.run(path)
    notebook.metadata[INDEX] = has_index
    return str(
        DeckExporter().from_notebook_node(notebook, {"metadata": {"path": str(path.parent)}})[0]
    )


def write(target: Path, content: bytes) -> None:
    """Replace a file in one step: whoever opens it finds the old or the new one, never half of one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def main(arguments: list[str]) -> int:
    """The whole of scripts/export, with a sentence instead of a traceback for what can go wrong."""
    asked = options(arguments)
    from lambdadeck.notebook.errors import NotebookError

    try:
        for path in export(asked):
            print(f"{path}  {path.stat().st_size:,} bytes", flush=True)
    except (NotebookError, OSError) as problem:
        print(
            f"{problem}\nNothing was written; what was exported before is still there.",
            file=sys.stderr,
            flush=True,
        )
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing was written.", file=sys.stderr, flush=True)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
