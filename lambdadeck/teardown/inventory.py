"""What is left in a cloud of what the talk made: found by listing, told from others' by its tags and by the record.

Whatever has the tag made-by=lambda-live is ours. So is what the record says we made, where AWS's own account agrees: by the
id that it gave, or by the time at which it was made. Everything else is somebody else's, whatever its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from lambdadeck.aws import errors, ledger
from lambdadeck.aws.ledger import MADE_BY, START_TAG, Entry
from lambdadeck.teardown.listings import EVERYWHERE, LISTINGS, ORDER, Listing

CLOCKS_S = (
    300.0  # how far apart two clocks may be: AWS refuses to talk to one that is wrong by more
)
ASK_EACH = 200  # of how many resources of a kind each is asked for its tags; of more, those that AWS's tag index names
_OF_LAMBDA = "/aws/lambda/"
_OUR_NAMES = (
    "lambda-live",
    "lambda_live",
    "/aws/lambda/lambda-live",
    "/lambda-live/",
)  # no proof, but reason to ask
_PATIENT = Config(
    retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=30
)


@dataclass(frozen=True)
class Thing:
    """One resource that is there: `key` is what calls take, `created_s` seconds since 1970 where the list tells it."""

    kind: str
    key: str
    name: str
    arn: str
    region: str
    created_s: float | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (
            "" if self.kind in EVERYWHERE else f" in {self.region}"
        )


@dataclass(frozen=True)
class Place:
    """Where to look: an account in these regions. In LOCAL `everything` is ours, since the whole cloud is."""

    session: Any
    account: str
    regions: tuple[str, ...]
    partition: str = "aws"
    everything: bool = False
    clients: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    def client(self, service: str, region: str) -> Any:
        """boto3's client, patient with throttling; the same at every call."""
        key = service, region
        if key not in self.clients:
            self.clients[key] = self.session.client(service, region_name=region, config=_PATIENT)
        return self.clients[key]


@dataclass
class Found:
    """What a look brought: ours, in the order of removal; and sentences for what could not be looked at."""

    things: list[Thing] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


class Evidence:
    """What the record says of an account, to be asked of one resource at a time."""

    def __init__(self, lines: Iterable[Entry]) -> None:
        self._calls: dict[tuple[str, str], list[list[Entry]]] = defaultdict(list)
        for call in ledger.calls(list(lines)):
            if call[-1].step in ("asked", "made"):
                self._calls[call[0].kind, call[0].name].append(call)
        self._ids = {
            (line.kind, line.id)
            for calls in self._calls.values()
            for call in calls
            for line in call
            if line.id
        }

    def names(self, thing: Thing) -> bool:
        """Whether the record has its id or its name: enough to look closer."""
        return (
            (thing.kind, thing.key) in self._ids
            or bool(self._calls.get((thing.kind, thing.name)))
            or self._is_log(thing)
        )

    def proves(self, thing: Thing, created_s: float | None) -> bool:
        """Whether it is the very resource that a recorded call made."""
        if (thing.kind, thing.key) in self._ids:
            return True
        if created_s is None:
            return False
        began_s = (
            self._first_s("function", thing.name.removeprefix(_OF_LAMBDA))
            if self._is_log(thing)
            else None
        )
        if began_s is not None and created_s >= began_s - CLOCKS_S:
            return True
        spans = (
            (call[0].at_s, call[-1].at_s) for call in self._calls.get((thing.kind, thing.name), ())
        )
        return any(
            asked_s - CLOCKS_S <= created_s <= last_s + CLOCKS_S for asked_s, last_s in spans
        )

    def unknown(self) -> list[str]:
        """What was made of kinds that nothing here knows how to list or remove."""
        return sorted(
            {
                f"{kind} {name}".strip()
                for kind, name in self._calls
                if kind and kind not in LISTINGS
            }
        )

    def _is_log(self, thing: Thing) -> bool:
        """Whether it is the log group that Lambda itself makes for a function of ours."""
        name = thing.name.removeprefix(_OF_LAMBDA)
        return (
            thing.kind == "log group"
            and name != thing.name
            and bool(self._calls.get(("function", name)))
        )

    def _first_s(self, kind: str, name: str) -> float:
        return min(call[0].at_s for call in self._calls[kind, name])


def find(place: Place, evidence: Evidence) -> Found:
    """Look in every region for what is ours. Errors of the network and of credentials are botocore's."""
    search = _Search(place, evidence)
    for region in place.regions:
        search.region(region, [kind for kind in ORDER if kind not in EVERYWHERE])
    search.region(place.regions[0], EVERYWHERE)
    search.found.things.sort(key=lambda thing: ORDER.index(thing.kind))
    return search.found


class _Search:
    """One look at a place. `_indexed` are the ARNs that AWS's tag index has named so far, `_is_whole` whether it may be asked."""

    def __init__(self, place: Place, evidence: Evidence) -> None:
        self._place, self._evidence, self.found = place, evidence, Found()
        self._indexed, self._is_whole = set[str](), True

    def region(self, region: str, kinds: Iterable[str]) -> None:
        """Look for these kinds in one region."""
        if not self._place.everything:
            self._ask_index(region)
        strangers: set[str] = set()  # names of functions that are not ours: neither are their logs
        for listing in (LISTINGS[kind] for kind in kinds):
            if not self._has(region, listing.service):
                continue
            things = self._list(listing, region)
            ours = [
                thing
                for thing in things
                if not _is_log_of(thing, strangers) and self._is_ours(listing, thing, len(things))
            ]
            self.found.things += ours
            if listing.kind == "function":
                strangers = {thing.name for thing in things} - {thing.name for thing in ours}

    def _has(self, region: str, service: str) -> bool:
        """Whether the region has that service at all."""
        return (
            self._place.everything
            or service == "iam"
            or region in self._place.session.get_available_regions(service, self._place.partition)
        )

    def _list(self, listing: Listing, region: str) -> list[Thing]:
        try:
            return list(_listed(self._place, listing, region))
        except ClientError as error:
            self._unseen(f"every {listing.kind} in {region}", error)
            return []

    def _is_ours(self, listing: Listing, thing: Thing, of: int) -> bool:
        if self._place.everything:
            return True
        suspected = (
            thing.arn in self._indexed
            or self._evidence.names(thing)
            or thing.name.startswith(_OUR_NAMES)
        )
        if not (suspected or of <= ASK_EACH or not self._is_whole):
            return False
        try:
            if tags(self._place, listing, thing).get(MADE_BY[0]) == MADE_BY[1]:
                return True
            return self._evidence.names(thing) and self._evidence.proves(
                thing, thing.created_s or _told(self._place, listing, thing)
            )
        except ClientError as error:
            if suspected or not self._is_whole or not errors.is_denied(error):
                self._unseen(str(thing), error)
            return False  # somebody else's, who lets nobody look

    def _unseen(self, what: str, error: ClientError) -> None:
        if not errors.is_denied(error):
            raise error
        self.found.unseen.append(f"{what} (not looked at): {errors.sentence(error)}")

    def _ask_index(self, region: str) -> None:
        """AWS's tag index: it may lag, and does not know roles; but it spares asking each of thousands."""
        pages = self._place.client("resourcegroupstaggingapi", region).get_paginator(
            "get_resources"
        )
        try:
            for page in pages.paginate(TagFilters=[{"Key": MADE_BY[0], "Values": [MADE_BY[1]]}]):
                self._indexed |= {item["ResourceARN"] for item in page["ResourceTagMappingList"]}
        except ClientError:  # whatever it was: asking each finds them too, and says what is denied
            self._is_whole = False


def _is_log_of(thing: Thing, functions: set[str]) -> bool:
    return thing.kind == "log group" and thing.name.removeprefix(_OF_LAMBDA) in functions


def tags(place: Place, listing: Listing, thing: Thing) -> dict[str, str]:
    """The tags of a resource; none of one that went away while we looked."""
    call, parameter, by, where = listing.tags
    try:
        answer = _call(place, listing, call, thing.region, **{parameter: getattr(thing, by)})
    except ClientError as error:
        if is_gone(error) or error.response["Error"]["Code"] == "NoSuchTagSet":
            return {}
        raise
    given = answer.get(where) or {}
    return (
        dict(given) if isinstance(given, Mapping) else {tag["Key"]: tag["Value"] for tag in given}
    )


def start_s(place: Place, thing: Thing) -> float:
    """When the start began that made it, by its tag, in seconds since 1970; 0.0 if it does not say."""
    stated = tags(place, LISTINGS[thing.kind], thing).get(START_TAG, "")
    try:
        return datetime.strptime(stated, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def is_gone(error: ClientError) -> bool:
    """Whether AWS says that there is no such resource."""
    code = error.response["Error"]["Code"]
    return (
        "NotFound" in code
        or "NonExistent" in code
        or (code.startswith("NoSuch") and code != "NoSuchTagSet")
        or "DoesNotExist" in code
    )


def _listed(place: Place, listing: Listing, region: str) -> Iterator[Thing]:
    client = place.client(listing.service, region)
    pages = client.get_paginator(listing.call)
    page_size = {"PageSize": 60} if listing.kind == "user pool" else {}
    for page in pages.paginate(PaginationConfig=page_size):
        for item in page.get(listing.items, []):
            yield _thing(place, listing, region, item)


def _thing(place: Place, listing: Listing, region: str, item: Any) -> Thing:
    fields = item if isinstance(item, dict) else {}
    key = fields[listing.key] if fields else item
    name = fields.get(listing.name) or _short(key)
    about = {
        "partition": place.partition,
        "service": listing.service,
        "region": region,
        "account": place.account,
    }
    arn = fields.get(listing.arn) or listing.arn.format(**about, key=key, name=name)
    return Thing(listing.kind, key, name, arn, region, _seconds(fields.get(listing.created)))


def _short(key: str) -> str:
    """The name in a queue's address or a topic's ARN; any other key is the name."""
    if key.startswith("arn:"):
        return key.rpartition(":")[2]
    return key.rpartition("/")[2] if key.startswith("http") else key


def _told(place: Place, listing: Listing, thing: Thing) -> float | None:
    call, parameter, where = listing.told
    if not call:
        return None
    more = {"AttributeNames": ["CreatedTimestamp"]} if listing.kind == "queue" else {}
    try:
        answer: Any = _call(place, listing, call, thing.region, **{parameter: thing.key}, **more)
    except ClientError as error:
        if is_gone(error):
            return None  # it went away while we looked
        raise
    for step in where.split("."):
        answer = answer[step]
    return _seconds(answer)


def _call(place: Place, listing: Listing, call: str, region: str, **parameters: Any) -> Any:
    return getattr(place.client(listing.service, region), call)(**parameters)


def _seconds(stated: Any) -> float | None:
    """A time as AWS states it: a datetime, milliseconds (CloudWatch Logs), or seconds as text (SQS)."""
    if stated is None or isinstance(stated, datetime):
        return None if stated is None else stated.timestamp()
    number = float(stated)
    return number / 1000 if number > 1e11 else number
