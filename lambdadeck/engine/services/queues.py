"""SQS queues, as pollers use them."""

import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

OnLoop = Callable[[Coroutine[Any, Any, Any]], Coroutine[Any, Any, Any]]
DEFAULT_VISIBILITY_S = 30


@dataclass(frozen=True)
class Message:
    """A received message; `visible_s` is the time until it can be received again."""

    id: str
    receipt: str
    body: str
    md5_of_body: str
    attributes: dict[str, str]
    message_attributes: dict[str, dict[str, Any]]
    md5_of_attributes: str | None
    visible_s: float


class Queues:
    """ministack's queues; `on_loop` runs work on its event loop, as its own handlers do.

    `load` imports its module, at the first use.
    """

    def __init__(self, load: Callable[[], Any], on_loop: OnLoop) -> None:
        self._load, self._on_loop = load, on_loop

    @cached_property
    def _sqs(self) -> Any:
        return self._load()

    def refusal(self, arn: str) -> str:
        """Return why a mapping cannot receive from a queue, "" if it can."""
        if self._sqs._queue_by_arn(arn) is not None:
            return ""
        return (
            "Error occurred while ReceiveMessage. SQS Error Code: "
            "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: "
            "The specified queue does not exist."
        )

    def visibility_s(self, arn: str) -> int:
        """Return a queue's visibility timeout."""
        return _visibility_s(self._sqs._queue_by_arn(arn))

    async def receive(self, arn: str, most: int) -> tuple[list[Message], float | None]:
        """Return messages, and the time until another becomes visible (None if none will)."""
        received: tuple[list[Message], float | None] = await self._on_loop(self._receive(arn, most))
        return received

    async def _receive(self, arn: str, most: int) -> tuple[list[Message], float | None]:
        queue = self._sqs._queue_by_arn(arn)
        if queue is None:
            return [], None
        self._sqs._expire_retained(queue)
        self._sqs._dlq_sweep(queue)
        found = self._sqs._collect_msgs(queue, most, _visibility_s(queue))
        now = time.time()
        hidden = [m["visible_at"] - now for m in queue["messages"] if m["visible_at"] > now]
        return [self._message(m, now) for m in found], min(hidden, default=None)

    def _message(self, raw: dict[str, Any], now: float) -> Message:
        stated = raw["message_attributes"] or {}
        return Message(
            id=raw["id"],
            receipt=raw["receipt_handle"],
            body=raw["body"],
            md5_of_body=raw["md5_body"],
            attributes=self._sqs._build_sys_attrs(raw, ["All"]),
            message_attributes=stated,
            md5_of_attributes=self._sqs._md5_msg_attrs(stated) if stated else None,
            visible_s=raw["visible_at"] - now,
        )

    async def delete(self, arn: str, messages: Sequence[Message]) -> None:
        """Delete messages that have not been received by another since."""
        if messages:
            await self._on_loop(self._delete(arn, {one.receipt for one in messages}))

    async def _delete(self, arn: str, receipts: set[str]) -> None:
        queue = self._sqs._queue_by_arn(arn)
        if queue is None:
            return
        kept = queue["messages"]
        for at in [i for i, m in enumerate(kept) if m.get("receipt_handle") in receipts][::-1]:
            del kept[at]  # in place: others may be adding messages


def _visibility_s(queue: dict[str, Any]) -> int:
    return int(queue["attributes"].get("VisibilityTimeout", DEFAULT_VISIBILITY_S))
