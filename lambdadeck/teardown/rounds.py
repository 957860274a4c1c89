"""List what the talk left in a cloud, remove it, and look again until nothing is left.

Each round begins with a look, so it does not matter how an earlier one ended.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from lambdadeck import aws, cloud
from lambdadeck.aws import errors, ledger
from lambdadeck.engine import ACCOUNT
from lambdadeck.shared import redaction
from lambdadeck.teardown import deletion, inventory
from lambdadeck.teardown.evidence import Evidence
from lambdadeck.teardown.inventory import Found, Scope
from lambdadeck.teardown.listings import Resource

LIMIT_S = 300.0  # removing tables and streams takes a minute or two
PAUSE_S = 2.0
SETTLE_S = 120.0  # AWS's lists may lack what was just made


@dataclass
class TeardownResult:
    """What was removed, and sentences for what is left or could not be looked at."""

    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        done = f"{len(self.removed)} removed; " if self.removed else ""
        if not self.left:
            return f"{done}nothing is left."
        return "\n".join([f"{done}{len(self.left)} left:", *(f"  {line}" for line in self.left)])

    __repr__ = __str__


def connected() -> Scope:
    """Return the scope of the connected cloud; StoppedError if there is none."""
    if aws.asked():
        return scope_of(aws.confirmed())
    if not cloud.answers(os.environ.get("AWS_ENDPOINT_URL", "")):
        raise aws.StoppedError(
            "No cloud is connected: run the first cell (here = cloud.connect()), then this one."
        )
    regions = (os.environ["AWS_DEFAULT_REGION"],)
    return Scope(boto3.Session(), ACCOUNT, regions, everything=True)


def scope_of(found: aws.Caller) -> Scope:
    """Return the scope of a caller's account: its region and those of its records."""
    redaction.keep_account_out(found.account)
    regions = dict.fromkeys([found.region, *ledger.regions_of(found.account)])
    return Scope(boto3.Session(), found.account, tuple(regions), found.partition)


def records(scope: Scope) -> list[Path]:
    """Return the records of this account; the embedded cloud needs none: everything is ours."""
    if scope.everything:
        return []
    regions = [*ledger.regions_of(scope.account), ledger.GLOBAL]
    return [ledger.path_of(scope.account, region) for region in regions]


def look(scope: Scope) -> Found:
    """Return what is left, in the order of removal. Errors as inventory.find."""
    lines = (line for path in records(scope) for line in ledger.entries(path))
    return inventory.find(scope, Evidence(lines))


def run(
    scope: Scope | None = None,
    *,
    say: Callable[[str], object] = print,
    limit_s: float = LIMIT_S,
    pause_s: float = PAUSE_S,
    settle_s: float = SETTLE_S,
) -> TeardownResult:
    """Remove what is left in the scope (default: the connected cloud), and prove it.

    `say` gets a line for each removed resource and for each thing that is waited for. Looks again
    every `pause_s` seconds, for at most `limit_s` seconds; stops early if a retry cannot help with
    anything that is left. Then empties the records, except one with lines younger than `settle_s`
    seconds. Errors as `look`; StoppedError without a cloud.
    """
    scope = scope or connected()
    removing, until_s = _Removing(scope, say), time.monotonic() + limit_s
    while True:
        began_s = time.time()
        found = look(scope)
        if removing.is_over(found) or (removing.rounds and time.monotonic() > until_s):
            return _outcome(removing, found, began_s - settle_s)
        if not (removing.round(found) and scope.everything):  # AWS's lists lag behind
            threading.Event().wait(pause_s)


def unknown(scope: Scope) -> list[str]:
    """Return sentences for resources on record that cannot be removed automatically."""
    home = str(Path.home())
    return [
        f"{made}: remove it in the AWS console, then delete {str(path).replace(home, '~', 1)}"
        for path in records(scope)
        for made in Evidence(ledger.entries(path)).unknown()
    ]


class _Removing:
    """What one teardown remembers: what was removed, and what was not, why and whether finally."""

    def __init__(self, scope: Scope, say: Callable[[str], object]) -> None:
        self.scope, self._say = scope, say
        self.removed: dict[Resource, None] = {}
        self.why: dict[Resource, str] = {}
        self.rounds = 0
        self.final: set[Resource] = set()
        self._waits: set[str] = set()

    def is_over(self, found: Found) -> bool:
        """Return whether another round can neither remove nor see more."""
        may_pass = any(unseen.may_pass for unseen in found.unseen)
        return self.final.issuperset(found.resources) and not may_pass

    def round(self, found: Found) -> bool:
        """Try to remove each; return whether all were seen and removed."""
        self.rounds += 1
        removed = [self._try(resource) for resource in found.resources]
        for unseen in found.unseen:
            if unseen.may_pass:
                self._wait(str(unseen))
        return all(removed) and not found.unseen

    def left(self, resource: Resource) -> str:
        """Return the sentence for a resource that is still there."""
        why = self.why.get(resource, "it is being removed, but still there")
        return f"{resource}: {why}"

    def _wait(self, what: str) -> None:
        """Say once what is waited for."""
        if what not in self._waits:
            self._say(f"  waiting: {redaction.text(what)}")
            self._waits.add(what)

    def _try(self, resource: Resource) -> bool:
        if resource in self.removed:
            self._wait(self.left(resource))
        try:
            if resource.kind == "function":
                _adopt(self.scope, resource)
            deletion.remove(self.scope, resource)
        except (*inventory.FAILURES, deletion.NotEmptiedError) as error:
            self.why[resource] = errors.sentence(error) or str(error)
            if errors.is_final(error):
                self.final.add(resource)
            else:
                self._wait(self.left(resource))
            return False
        if resource not in self.removed:
            self._say(f"  removed: {redaction.text(str(resource))}")
            self.removed[resource] = None
        return True


def _adopt(scope: Scope, resource: Resource) -> None:
    """Record a function that another machine made before removing it, or its log is not ours."""
    path = ledger.path_of(scope.account, resource.region)
    if scope.everything or Evidence(ledger.entries(path)).names(resource):
        return
    start_s = inventory.start_s(scope, resource) or time.time()
    call = os.urandom(8).hex()
    entry = ledger.Entry("made", "function", resource.name, call, start_s, "found by its tag")
    ledger.append(path, entry)


def _outcome(removing: _Removing, found: Found, settled_s: float) -> TeardownResult:
    """Return the result; if nothing is left, empty the records that are older than that."""
    left = [removing.left(resource) for resource in found.resources]
    left += [*map(str, found.unseen), *unknown(removing.scope)]
    if not left:
        for path in records(removing.scope):
            ledger.clear(path, lambda lines: all(line.at_s < settled_s for line in lines))
    removed = [str(resource) for resource in removing.removed if resource not in found.resources]
    return TeardownResult(removed, [redaction.text(line) for line in left])
