"""The page and the CSV of a class (scripts/class)."""

import csv
import html
import io
from collections.abc import Sequence
from datetime import datetime
from statistics import median

from lambdadeck.labs import catalogue, classroom
from lambdadeck.labs.classroom import Learner
from lambdadeck.labs.journal import minutes
from lambdadeck.shared import style
from lambdadeck.shared.table import Table

_COLUMNS = ("learner", "lab", "kind", "part", "result", "misses", "misconceptions", "minutes")


def page(room: Sequence[Learner], now: float, lost: int = 0, refresh_s: int = 5) -> str:
    """Return the page, which reloads itself."""
    labs = sorted({lab for learner in room for lab in learner.labs})
    parts = [_stuck(room, now), *(part for lab in labs for part in _lab(room, lab))]
    if lost:
        parts.append(f"<p>{lost} lines of the folder are not readable: left out.</p>")
    if not room:
        parts.append("<p>Nobody has joined yet: learners run <code>lesson.join(…)</code>.</p>")
    colors = style.tokens()
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="{refresh_s}"><title>Class</title><style>'
        f"body {{ font: 16px/1.4 system-ui, sans-serif; max-width: 75em; margin: 1em auto; "
        f"padding: 0 1em; color: {colors['ink']}; background: {colors['paper']} }}"
        "table { border-collapse: collapse } "
        "th, td { padding: 0.15em 0.8em 0.15em 0; text-align: left; vertical-align: top }"
        f"</style><h1>{len(room)} learners</h1><p>{datetime.fromtimestamp(now):%H:%M:%S} · "
        f'<a href="class.csv">class.csv</a></p>{"".join(parts)}</html>'
    )


def _stuck(room: Sequence[Learner], now: float) -> str:
    rows = [(learner.name, where) for learner in room if (where := learner.stuck(now))]
    return f"<h2>Stuck</h2>{_table(('who', 'where'), rows) if rows else '<p>Nobody.</p>'}"


def _lab(room: Sequence[Learner], lab: int) -> list[str]:
    its = catalogue.lab(lab)
    keys = [check.key for check in its.checks]
    made = [
        f"<h2>Lab {lab}: {html.escape(its.title)}</h2>",
        _table(("who", *keys, "minutes"), classroom.grid(room, lab)),
    ]
    if missed := classroom.misses(room, lab):
        heads = ("check", "misconception", "learners", "hint")
        made += ["<h3>Misses</h3>", _table(heads, [[str(cell) for cell in row] for row in missed])]
    asked = classroom.answers(room, lab)
    if any(count for *_, count in asked):
        rows = [
            (asks, f"{'✓ ' if right else ''}{words}", str(n)) for asks, words, right, n in asked
        ]
        made += ["<h3>Quiz, first answers</h3>", _table(("question", "answer", "learners"), rows)]
    spent = [classroom.section_minutes(each, lab) for each in room if each.of(lab).lines]
    rows = [
        (
            title,
            f"{median(each[title] for each in spent):.1f}",
            f"{max(e[title] for e in spent):.1f}",
        )
        for title in spent[0]
    ]
    return [*made, "<h3>Minutes</h3>", _table(("section", "median", "longest"), rows)]


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return Table(headers, rows)._repr_html_()


def table(room: Sequence[Learner]) -> str:
    """Return the CSV: a row for each check, quiz question and section of each learner."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for learner in room:
        for lab in learner.labs:
            writer.writerows(
                [_safe(learner.name), lab, *row] for row in _rows(learner.of(lab), lab)
            )
    return out.getvalue()


def _rows(learner: Learner, lab: int) -> list[list[object]]:
    checks, asked = learner.outcomes("check"), learner.outcomes("quiz")
    rows: list[list[object]] = []
    for check in catalogue.lab(lab).checks:
        told = checks.get(check.key, [])
        wrong = [each for each in told if each != "right"]
        result = "right" if "right" in told else "open" if not told else "wrong"
        rows.append(["check", check.key, result, len(wrong), " ".join(dict.fromkeys(wrong)), ""])
    rows += [["quiz", key, _safe(told[0]), "", "", ""] for key, told in asked.items()]
    for title, spent in classroom.section_minutes(learner, lab).items():
        rows.append(["section", title, "", "", "", f"{spent:.1f}"])
    return [*rows, ["lab", "", "", "", "", f"{minutes(learner.lines):.1f}"]]


def _safe(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t" else text
