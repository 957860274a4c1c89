"""More functions and logs than a page lists, beside those of strangers, for lab 6's last check."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from lambdadeck import functions
from lambdadeck.labs import copies, shipping

PAGE = 50  # functions that ListFunctions returns at a time, and log groups that are described
_WITHOUT_LOGS = 2  # functions that were never called


@dataclass(frozen=True)
class Left:
    """What is there after a removal: of one's own, and what is gone of others."""

    functions: list[str]
    logs: list[str]
    strangers_gone: list[str]

    def __str__(self) -> str:
        counts = f"{len(self.functions)} functions and {len(self.logs)} log groups left"
        names = ", ".join([*self.functions, *self.logs][:2])
        gone = f"gone of others: {', '.join(self.strangers_gone) or 'none'}"
        return f"{counts}{f' ({names} …)' if names else ''}; {gone}"


@dataclass(frozen=True)
class Crowd:
    """Functions that begin with the prefix, and strangers whose names are like it."""

    prefix: str
    mine: list[str]
    strangers: list[str]

    def left(self) -> Left:
        """Look at what is there now."""
        pages = shipping.client().get_paginator("list_functions").paginate()
        names = set(pages.search("Functions[].FunctionName"))
        groups = set(copies.log_groups(""))
        theirs = {*self.strangers, *map(_group, self.strangers)}
        return Left(
            [name for name in self.mine if name in names],
            sorted(group for group in groups if group.startswith(_group(self.prefix))),
            sorted(theirs - names - groups),
        )


@contextmanager
def crowd() -> Iterator[Crowd]:
    """Make the functions and their logs; remove what is left of them when the block ends."""
    lambda_, word = shipping.client(), secrets.token_hex(3)
    prefix = f"lambda-live-gone-{word}-"
    mine = [f"{prefix}{number:02}" for number in range(PAGE + 2 + _WITHOUT_LOGS)]
    strangers = [f"lambda-live-kept-{prefix}00", f"lambda-live-gone-{word}", prefix.upper() + "00"]
    try:
        _make(lambda_, mine, strangers)
        yield Crowd(prefix, mine, strangers)
    finally:
        for name in (*mine, *strangers):
            functions.remove(name, client=lambda_)
        for start in (*strangers, prefix):
            copies.forget_logs(start)


def _make(lambda_: Any, mine: list[str], strangers: list[str]) -> None:
    package, logs = shipping.code("here"), boto3.client("logs")
    for name in (*mine, *strangers):
        shipping.create(lambda_, name, package)
    functions.wait(lambda_, "function_active_v2", FunctionName=mine[0])
    shipping.answer_of(mine[0], "$LATEST")  # so that it has a log
    for name in (*mine[1:-_WITHOUT_LOGS], *strangers):
        logs.create_log_group(logGroupName=_group(name))


def _group(name: str) -> str:
    return f"/aws/lambda/{name}"
