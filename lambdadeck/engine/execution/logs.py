"""START, END and REPORT lines as AWS Lambda prints them, in text and in JSON."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from lambdadeck.engine.model import FunctionSpec

TAIL_BYTES = 4096
LEVELS = ("DEBUG", "INFO", "WARN")  # SystemLogLevel


@dataclass(frozen=True)
class ReportFields:
    """The measurements of one invocation in ms and MB; `init_ms` is None if warm."""

    duration_ms: float
    memory_mb: int
    max_memory_mb: int
    init_ms: float | None = None
    status: str = "success"

    @property
    def billed_ms(self) -> int:
        """Whole milliseconds with INIT, as AWS bills since 2025-08-01 (AWS Compute Blog)."""
        return max(1, math.ceil(round(self.duration_ms + (self.init_ms or 0), 6)))


def shows(level: str, log_format: str, least: str) -> bool:
    """Return whether a platform's line of this level is logged; text has no levels."""
    return log_format != "JSON" or LEVELS.index(level) >= LEVELS.index(least or "INFO")


def stream_name(version: str, now: datetime) -> str:
    """Return a log stream's name: date, version in brackets, 32 random hex digits."""
    return f"{now:%Y/%m/%d}/[{version}]{uuid4().hex}"


def stamp(now: datetime) -> str:
    """Return ISO time in UTC with milliseconds and a Z."""
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def init_start(runtime: str, spec: FunctionSpec, now: datetime | None = None) -> str:
    """Return the first line of a cold start; `runtime` is the one that really runs."""
    if spec.log_format == "JSON":
        kind = spec.initialization
        record: dict[str, object] = {"initializationType": kind, "runtimeVersion": runtime}
        return _platform("platform.initStart", now, record)
    return f"INIT_START Runtime Version: {runtime}"


def init_report(status: str, took_ms: float, spec: FunctionSpec) -> str:
    """Return the line on an INIT that failed, before it is tried again."""
    if spec.log_format == "JSON":
        record: dict[str, object] = {
            "initializationType": spec.initialization,
            "phase": "init",
            "status": status,
            "metrics": {"durationMs": round(took_ms, 3)},
        }
        return _platform("platform.initReport", None, record)
    return f"INIT_REPORT Init Duration: {took_ms:.2f} ms\tPhase: init\tStatus: {status}"


def start(
    request_id: str, version: str, log_format: str = "Text", now: datetime | None = None
) -> str:
    """Return the line that opens an invocation."""
    if log_format == "JSON":
        return _platform("platform.start", now, {"requestId": request_id, "version": version})
    return f"START RequestId: {request_id} Version: {version}"


def end(
    request_id: str, measured: ReportFields, log_format: str = "Text", now: datetime | None = None
) -> list[str]:
    """Return the lines that close an invocation: END and REPORT, or one report in JSON."""
    if log_format == "JSON":
        return [_platform("platform.report", now, _report_record(request_id, measured))]
    return [f"END RequestId: {request_id}", report(request_id, measured)]


def report(request_id: str, measured: ReportFields) -> str:
    """Return the REPORT line: INIT only on a cold start, Status only on failure."""
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {measured.duration_ms:.2f} ms",
        f"Billed Duration: {measured.billed_ms} ms",
        f"Memory Size: {measured.memory_mb} MB",
        f"Max Memory Used: {measured.max_memory_mb} MB",
    ]
    if measured.init_ms is not None:
        fields.append(f"Init Duration: {measured.init_ms:.2f} ms")
    if measured.status != "success":
        fields.append(f"Status: {measured.status}")
    return "\t".join(fields) + "\t"


def tail(text: str, limit: int = TAIL_BYTES) -> bytes:
    """Return the last `limit` bytes of a log, as LogType=Tail does."""
    return text.encode()[-limit:]


def _report_record(request_id: str, measured: ReportFields) -> dict[str, object]:
    metrics: dict[str, object] = {
        "durationMs": round(measured.duration_ms, 3),
        "billedDurationMs": measured.billed_ms,
        "memorySizeMB": measured.memory_mb,
        "maxMemoryUsedMB": measured.max_memory_mb,
    }
    if measured.init_ms is not None:
        metrics["initDurationMs"] = round(measured.init_ms, 3)
    return {"requestId": request_id, "metrics": metrics, "status": measured.status}


def _platform(kind: str, now: datetime | None, record: dict[str, object]) -> str:
    time = stamp(now or datetime.now(UTC))
    return json.dumps({"time": time, "type": kind, "record": record}, separators=(",", ":"))
