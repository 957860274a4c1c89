"""Say who gives the talk, where, when, and on which route: from options, environment, last time."""

import argparse
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

from lambdadeck.shared import files

ROUTES = ("15", "35", "all")
HELP = {
    "speaker": "your name, for the first slide",
    "event": "where you speak, for the first slide",
    "date": "the day of the talk, as YYYY-MM-DD (default: today)",
    "route": "the slides that Space shows: 15 or 35 minutes, or all",
}


def date(text: str) -> str:
    """Check a date; argparse.ArgumentTypeError if it is none. An empty text means today."""
    try:
        return text and dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        problem = f"{text!r} is not a date: write it as 2026-12-01"
        raise argparse.ArgumentTypeError(problem) from error


def route(text: str) -> str:
    """Check a route; argparse.ArgumentTypeError if it is unknown."""
    if text not in ROUTES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a route: choose 15, 35, or all")
    return text


def add_options(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Add --speaker, --event, --date and --route; each has a variable, such as LAMBDADECK_EVENT."""
    checks = {"date": date, "route": route}
    for name, text in HELP.items():
        variable = f"LAMBDADECK_{name.upper()}"
        parser.add_argument(
            f"--{name}",
            type=checks.get(name, str),
            default=environ.get(variable),
            metavar=name.upper(),
            help=f"{text}; remembered. Also {variable}",
        )


def file_of(state: Path) -> Path:
    """Return the file with what is remembered."""
    return state / "occasion.json"


def load(state: Path) -> dict[str, str]:
    """Return what is remembered, by option; empty if missing or damaged."""
    try:
        found = json.loads(file_of(state).read_text(encoding="utf-8"))
        return {name: found[name] for name in HELP if isinstance(found.get(name), str)}
    except (FileNotFoundError, ValueError, AttributeError):
        return {}  # the next options replace a damaged file


def remember(asked: argparse.Namespace, state: Path) -> None:
    """Keep the options that were given; the others stay. OSError if the file cannot be written."""
    given = {name: value for name in HELP if (value := getattr(asked, name)) is not None}
    if given:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(load(state) | given, ensure_ascii=False)
        files.replace(file_of(state), text.encode())


def page_data(state: Path, today: dt.date) -> dict[str, object]:
    """Return for the page on stage: route and occasion; a remembered date that is past is today."""
    kept = load(state)
    day = max(today, dt.date.fromisoformat(kept.get("date") or "0001-01-01"))
    written = f"{day:%B} {day.day}, {day.year}"
    names = {name: kept.get(name, "") for name in ("speaker", "event")}
    return {"route": kept.get("route", "all"), "occasion": names | {"date": written}}
