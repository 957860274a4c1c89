"""How a phase of an execution environment ends, and the CPU time that it may use."""

from typing import NamedTuple

MB_A_VCPU = 1769  # Lambda developer guide: 1,769 MB give the equivalent of one vCPU
CPU_BURST_S = 0.01  # CPU time before the share applies, so that short calls do not stall


class PhaseResult(NamedTuple):
    """How an INIT or an invocation ended."""

    payload: bytes
    status: str = "success"

    @property
    def error(self) -> str | None:
        return None if self.status == "success" else "Unhandled"


class EnvironmentGoneError(Exception):
    """The environment ended before it took the event; another one has to take it."""


def over_share_s(used_s: float, passed_s: float, memory_mb: int) -> float:
    """Return the seconds until an invocation's CPU time is within the share of its memory size."""
    return max(0.0, (used_s - CPU_BURST_S) * MB_A_VCPU / memory_mb - passed_s)
