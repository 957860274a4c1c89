"""Run notebooks and write each as one HTML page, optionally as PDF (scripts/export)."""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from lambdadeck.shared import files
from lambdadeck.shared.paths import ASSETS, DECK, ROOT

SOCIAL = ASSETS / "images" / "deck.png"  # what links to the pages show


@dataclass(frozen=True)
class ExportOptions:
    """The command line's options."""

    out: Path
    notebooks: tuple[Path, ...]
    pdf: bool
    has_index: bool = False
    with_notes: bool = True
    site: str = ""
    runs: bool = False


def options(arguments: list[str]) -> ExportOptions:
    """Parse the command line; --help and errors exit as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/export",
        description="Run the deck on a clean kernel and write it as one HTML page that works "
        "offline: slides, article and handout.",
    )
    add = parser.add_argument
    add("notebook", nargs="?", type=Path, default=DECK, help="another notebook than the talk")
    add("--all", action="store_true", help="export the talk and the labs, with an index page")
    add("--out", type=Path, default=ROOT / "build", help="output folder (default: build/)")
    add("--pdf", action="store_true", help="also write a tagged PDF with the installed Chromium")
    add("--without-notes", action="store_true", help="leave the speaker's notes out of the file")
    add("--runs", action="store_true", help="put Python and a Lambda into the page: its cells run")
    add("--site", default="", metavar="URL", help="the pages' address, for links to a picture")
    given = parser.parse_args(arguments)
    if given.all and given.notebook != DECK:
        parser.error("--all takes no notebook: it exports the talk and every lab.")
    notebooks = (DECK, *labs()) if given.all else (given.notebook,)
    if given.site and not re.fullmatch(r"https?://[^\s\"'<>?#]+", given.site):
        parser.error(f"--site {given.site!r} is not an address such as https://example.org/talk")
    with_notes = not given.without_notes
    own = given.all, with_notes, given.site, given.runs
    return ExportOptions(given.out, notebooks, given.pdf, *own)


def labs(folder: Path = DECK.parent) -> list[Path]:
    """Return the labs' notebooks in order."""
    return sorted(folder.glob("[0-9]*-*.ipynb"))


def export(asked: ExportOptions) -> list[Path]:
    """Write pages, PDFs and index; returns the files. NotebookError if nothing was written."""
    # Imported here: scripts/export answers --help before these are installed.
    from lambdadeck.export import index, pdf

    browser = pdf.chromium() if asked.pdf else ""  # fail before the deck runs
    out = asked.out
    pages = {out / f"{path.stem}.html": _page(path, asked).encode() for path in asked.notebooks}
    printable = list(pages) if asked.pdf else []
    if asked.has_index:
        pages[out / "index.html"] = index.page(asked.notebooks, asked.site).encode()
    if asked.site:
        pages[out / SOCIAL.name] = SOCIAL.read_bytes()
    out.mkdir(parents=True, exist_ok=True)
    for target, content in pages.items():
        files.replace(target, content, mode=0o644)
    return [*pages, *(pdf.printed(target, browser) for target in printable)]


def _page(path: Path, asked: ExportOptions) -> str:
    from lambdadeck.export.exporter import INDEX, DeckExporter
    from lambdadeck.notebook import execute

    print(f"Running {path.name} on a clean kernel …", flush=True)
    notebook = execute.run(path)
    notebook.metadata[INDEX] = asked.has_index
    resources = {"metadata": {"path": str(path.parent)}}
    exporter = DeckExporter(
        strict=True, with_notes=asked.with_notes, site=asked.site, runs=asked.runs
    )  # type: ignore[no-untyped-call]  # nbconvert
    return str(exporter.from_notebook_node(notebook, resources)[0])


def main(arguments: list[str]) -> int:
    """Run scripts/export; prints a sentence for expected errors; returns the exit code."""
    asked = options(arguments)
    from lambdadeck.notebook.errors import NotebookError

    try:
        for path in export(asked):
            print(f"{path}  {path.stat().st_size:,} bytes", flush=True)
    except (NotebookError, OSError) as error:
        said = f"{error}\nNothing was written; earlier exports are unchanged."
        print(said, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; nothing was written.", file=sys.stderr, flush=True)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
