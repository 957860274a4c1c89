"""What one invocation wrote: the function's stdout and stderr between the platform's own lines."""

from __future__ import annotations

LIMIT_BYTES = (
    10 * 1024 * 1024
)  # kept of one invocation; what is over it is counted, and the log says so


class Output:
    """Collects bytes of a function and lines of the platform, in the order in which they came."""

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        self._chunks: list[bytes] = []
        self._kept = self._dropped = 0

    def write(self, data: bytes) -> None:
        """Bytes that the function printed."""
        room = max(0, self._limit - self._kept)
        self._kept += len(data[:room])
        self._dropped += len(data) - len(data[:room])
        if room:
            self._chunks.append(data[:room])

    def say(self, line: str) -> None:
        """A line of the platform's, on a line of its own."""
        if self._chunks and not self._chunks[-1].endswith(b"\n"):
            self._chunks.append(b"\n")
        self._chunks.append(line.encode() + b"\n")

    def lines(self) -> list[str]:
        """Everything as lines; bytes that are not UTF-8 become U+FFFD, as in CloudWatch Logs."""
        if self._dropped:
            self.say(
                f"[local] {self._dropped} bytes of output dropped: an invocation keeps {self._limit}"
            )
        text = b"".join(self._chunks).decode("utf-8", errors="replace")
        return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []
