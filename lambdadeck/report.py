"""The REPORT line: the numbers that Lambda bills from."""

import re
from dataclasses import dataclass

_FIELD = re.compile(r"\b([A-Z][a-z]+(?: [A-Z][a-z]+)*): ([0-9]+(?:\.[0-9]+)?) (?:ms|MB)\b")
_LINE = re.compile(r"^REPORT RequestId: (\S+)(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """A REPORT line: times in milliseconds, memory in MB; `init_ms` is None if warm.

    The format is AWS's: "Monitoring, debugging, and troubleshooting Lambda functions", Lambda
    developer guide.
    """

    request_id: str
    duration_ms: float
    billed_ms: int
    memory_mb: int
    max_memory_mb: int
    init_ms: float | None

    @property
    def cold(self) -> bool:
        """Return if this invocation started an execution environment first (INIT)."""
        return self.init_ms is not None


def parse(log: str) -> Report:
    """Parse the last REPORT line of a log; ValueError says what is missing."""
    lines = list(_LINE.finditer(log))
    if not lines:
        raise ValueError(
            "There is no REPORT line in this log. Invoke with LogType='Tail' and decode LogResult."
        )
    request_id, rest = lines[-1].groups()
    found = {name: float(number) for name, number in _FIELD.findall(rest)}
    return Report(
        request_id=request_id,
        duration_ms=_needed("Duration", found),
        billed_ms=round(_needed("Billed Duration", found)),
        memory_mb=round(_needed("Memory Size", found)),
        max_memory_mb=round(_needed("Max Memory Used", found)),
        init_ms=found.get("Init Duration"),
    )


def line(log: str) -> str:
    """Return the last REPORT line of a log with single spaces for tabs; ValueError if none."""
    parse(log)
    return " ".join([*_LINE.finditer(log)][-1].group(0).split())


def _needed(name: str, found: dict[str, float]) -> float:
    if name not in found:
        raise ValueError(
            f"The REPORT line has no {name!r}; it has {', '.join(found) or 'no number'}."
        )
    return found[name]
