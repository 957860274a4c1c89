"""Lists what the talk left in a cloud, removes it, and looks again until nothing is left.

Each round begins by looking, so it does not matter how an earlier one ended. In a cell: `teardown.run()`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from lambdadeck import aws, cloud
from lambdadeck.aws import errors, ledger
from lambdadeck.shared import redaction
from lambdadeck.teardown import deletion, inventory
from lambdadeck.teardown.inventory import Evidence, Found, Place, Thing

LIMIT_S = 300.0  # tables and streams take a minute or two to go
PAUSE_S = 2.0
SETTLE_S = 120.0  # so long a list may lack what was just made


@dataclass
class Outcome:
    """What a teardown came to: what it removed, and sentences for what is left or could not be looked at."""

    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        done = f"{len(self.removed)} removed; " if self.removed else ""
        if not self.left:
            return f"{done}nothing is left."
        return "\n".join([f"{done}{len(self.left)} left:", *(f"  {line}" for line in self.left)])

    __repr__ = __str__


def connected() -> Place:
    """Where cloud.connect() has led this process; aws.Stopped if nowhere."""
    if aws.asked():
        return place_of(aws.confirmed())
    if not cloud.answers(os.environ.get("AWS_ENDPOINT_URL", "")):
        raise aws.Stopped(
            "No cloud is connected: run the first slide's cell (here = cloud.connect()), then this one."
        )
    return Place(
        boto3.Session(), cloud.ACCOUNT, (os.environ["AWS_DEFAULT_REGION"],), everything=True
    )


def place_of(found: aws.Caller) -> Place:
    """A caller's account, in the region at hand and in those of its records."""
    redaction.keep_account_out(found.account)
    regions = dict.fromkeys([found.region, *ledger.regions_of(found.account)])
    return Place(boto3.Session(), found.account, tuple(regions), found.partition)


def records(place: Place) -> list[Path]:
    """The records of this account; the embedded cloud has none, because all that is in it is ours."""
    if place.everything:
        return []
    return [
        ledger.path_of(place.account, region)
        for region in [*ledger.regions_of(place.account), ledger.GLOBAL]
    ]


def look(place: Place) -> Found:
    """What is left, in the order of removal. Errors of credentials and network are botocore's."""
    return inventory.find(
        place, Evidence(line for path in records(place) for line in ledger.entries(path))
    )


def run(
    place: Place | None = None,
    *,
    say: Callable[[str], object] = print,
    limit_s: float = LIMIT_S,
    pause_s: float = PAUSE_S,
    settle_s: float = SETTLE_S,
) -> Outcome:
    """Remove what is left (in the cloud that is connected, if no place is given), and prove that nothing is.

    `say` hears of each thing that is removed. Looks again every `pause_s` seconds, for `limit_s` seconds at the most, and
    not when all that is left is what AWS does not let go. The records are emptied once nothing is left, but for what is
    younger than `settle_s` seconds. Errors as `look`; aws.Stopped without a cloud.
    """
    place = place or connected()
    removing, until_s = _Removing(place, say), time.monotonic() + limit_s
    while True:
        began_s = time.time()
        found = look(place)
        if (
            not found.things
            or removing.is_stuck(found.things)
            or (removing.rounds and time.monotonic() > until_s)
        ):
            return _outcome(removing, found, began_s - settle_s)
        if not (removing.round(found.things) and place.everything):  # AWS's lists lag behind
            threading.Event().wait(pause_s)


def unknown(place: Place) -> list[str]:
    """What is on record of kinds that nothing here knows how to remove, and what to do about it."""
    return [
        f"{made}: remove it in the AWS console, then delete {_shown(path)}"
        for path in records(place)
        for made in Evidence(ledger.entries(path)).unknown()
    ]


class _Removing:
    """What one teardown remembers from round to round: what went, and of what did not why, and whether for good."""

    def __init__(self, place: Place, say: Callable[[str], object]) -> None:
        self.place, self._say = place, say
        self.removed: dict[Thing, None] = {}
        self.why: dict[Thing, str] = {}
        self.rounds = 0
        self._for_good: set[Thing] = set()

    def is_stuck(self, things: list[Thing]) -> bool:
        return self._for_good.issuperset(things)

    def round(self, things: list[Thing]) -> bool:
        """Try each in turn; whether all of them went."""
        self.rounds += 1
        return all([self._try(thing) for thing in things])

    def _try(self, thing: Thing) -> bool:
        if thing.kind == "function":
            _adopt(self.place, thing)
        try:
            deletion.remove(self.place, thing)
        except (ClientError, deletion.NotEmptied) as error:
            self.why[thing] = errors.sentence(error) or str(error)
            if errors.is_denied(error):
                self._for_good.add(thing)
            return False
        if thing not in self.removed:
            self._say(f"  removed: {redaction.text(str(thing))}")
            self.removed[thing] = None
        return True


def _adopt(place: Place, thing: Thing) -> None:
    """A function that another machine made goes on record before it goes: else nothing would tell that its log is ours."""
    path = ledger.path_of(place.account, thing.region)
    if place.everything or Evidence(ledger.entries(path)).names(thing):
        return
    start_s = inventory.start_s(place, thing) or time.time()
    ledger.append(
        path,
        ledger.Entry(
            "made", "function", thing.name, os.urandom(8).hex(), start_s, "found by its tag"
        ),
    )


def _outcome(removing: _Removing, found: Found, settled_s: float) -> Outcome:
    """What it came to; a record in which nothing is younger than that is emptied, if nothing is left."""
    left = [
        f"{thing}: {removing.why.get(thing, 'it is on its way, but still there')}"
        for thing in found.things
    ]
    left += [*found.unseen, *unknown(removing.place)]
    if not left:
        for path in records(removing.place):
            ledger.clear(path, lambda lines: all(line.at_s < settled_s for line in lines))
    removed = [str(thing) for thing in removing.removed if thing not in found.things]
    return Outcome(removed, [redaction.text(line) for line in left])


def _shown(path: Path) -> str:
    return str(path).replace(str(Path.home()), "~", 1)
