"""The log of one invocation: the function's output between the platform's lines."""

from lambdadeck.engine.execution import logs

LIMIT_BYTES = 10 * 1024 * 1024  # of one invocation; the log counts what is dropped
LIMIT_LINES = 50_000  # of one invocation: a line takes 400 bytes here, however short it is


class Output:
    """Collects bytes of a function and lines of the platform, in order."""

    def __init__(
        self, log_format: str = "Text", system_level: str = "", limit: int = LIMIT_BYTES
    ) -> None:
        self._format, self._level, self._limit = log_format, system_level, limit
        self.clear()

    def clear(self) -> None:
        self._chunks: list[bytes] = []
        self._kept = self._dropped = self._lines = 0

    def write(self, data: bytes) -> None:
        """Add bytes that the function printed."""
        room = max(0, self._limit - self._kept) if self._lines < LIMIT_LINES else 0
        kept = data[:room]
        self._kept += len(kept)
        self._lines += kept.count(b"\n")
        self._dropped += len(data) - len(kept)
        if kept:
            self._chunks.append(kept)

    def say(self, line: str) -> None:
        """Add a line of the platform."""
        if self._chunks and not self._chunks[-1].endswith(b"\n"):
            self._chunks.append(b"\n")
        self._chunks.append(line.encode() + b"\n")

    def shows(self, level: str) -> bool:
        """Return whether SystemLogLevel lets lines of this level through."""
        return logs.shows(level, self._format, self._level)

    def platform(self, level: str, line: str) -> None:
        """Add a line of the platform if its level is logged."""
        if self.shows(level):
            self.say(line)

    def lines(self) -> list[str]:
        """Return all lines; bytes that are not UTF-8 become U+FFFD, as in CloudWatch Logs."""
        if self._dropped:
            dropped = f"{self._dropped} bytes of output dropped"
            self.say(
                f"[local] {dropped}: an invocation keeps {self._limit} and {LIMIT_LINES} lines"
            )
        text = b"".join(self._chunks).decode("utf-8", errors="replace")
        return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []
