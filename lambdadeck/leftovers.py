"""What is left in a cloud of what the talk made: found by listing, told from others' by its tags and by the record.

Whatever has the tag made-by=lambda-live is ours. So is what the record says we made, where AWS's own account agrees: by the
id that it gave, or by the time at which it was made. Everything else is somebody else's, whatever its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError

from lambdadeck import record, trouble
from lambdadeck.listings import EVERYWHERE, LISTINGS, ORDER, Listing
from lambdadeck.record import MADE_BY, START_TAG, Entry

CLOCKS_S = 300.0  # how far apart two clocks may be: AWS refuses to talk to one that is wrong by more
ASK_EACH = 200  # of how many resources of a kind each is asked for its tags; of more, those that AWS's tag index names
_OF_LAMBDA = "/aws/lambda/"
_PATIENT = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=30)


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
        return f"{self.kind} {self.name}" + ("" if self.kind in EVERYWHERE else f" in {self.region}")


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
        for call in record.calls(list(lines)):
            if call[-1].step in ("asked", "made"):
                self._calls[call[0].kind, call[0].name].append(call)
        self._ids = {(line.kind, line.id) for calls in self._calls.values() for call in calls for line in call if line.id}

    def names(self, thing: Thing) -> bool:
        """Whether the record has its id or its name: enough to look closer."""
        return (thing.kind, thing.key) in self._ids or bool(self._calls.get((thing.kind, thing.name))) or self._is_log(thing)

    def proves(self, thing: Thing, created_s: float | None) -> bool:
        """Whether it is the very resource that a recorded call made."""
        if (thing.kind, thing.key) in self._ids:
            return True
        if created_s is None:
            return False
        began_s = self._first_s("function", thing.name.removeprefix(_OF_LAMBDA)) if self._is_log(thing) else None
        if began_s is not None and created_s >= began_s - CLOCKS_S:
            return True
        spans = ((call[0].at_s, call[-1].at_s) for call in self._calls.get((thing.kind, thing.name), ()))
        return any(asked_s - CLOCKS_S <= created_s <= last_s + CLOCKS_S for asked_s, last_s in spans)

    def unknown(self) -> list[str]:
        """What was made of kinds that nothing here knows how to list or remove."""
        return sorted({f"{kind} {name}".strip() for kind, name in self._calls if kind and kind not in LISTINGS})

    def _is_log(self, thing: Thing) -> bool:
        """Whether it is the log group that Lambda itself makes for a function of ours."""
        name = thing.name.removeprefix(_OF_LAMBDA)
        return thing.kind == "log group" and name != thing.name and bool(self._calls.get(("function", name)))

    def _first_s(self, kind: str, name: str) -> float:
        return min(call[0].at_s for call in self._calls[kind, name])


def find(place: Place, evidence: Evidence) -> Found:
    """Look in every region for what is ours. Errors of the network and of credentials are botocore's."""
    found = Found()
    for region in place.regions:
        index = None if place.everything else _index(place, region)
        _look(place, region, [kind for kind in ORDER if kind not in EVERYWHERE], index, evidence, found)
    _look(place, place.regions[0], EVERYWHERE, None if place.everything else frozenset(), evidence, found)
    found.things.sort(key=lambda thing: ORDER.index(thing.kind))
    return found


def _look(place: Place, region: str, kinds: Iterable[str], index: frozenset[str] | None, evidence: Evidence, found: Found) -> None:
    strangers: set[str] = set()  # names of functions that are not ours: neither are their logs
    for kind in kinds:
        listing = LISTINGS[kind]
        if not place.everything and region not in place.session.get_available_regions(listing.service, place.partition) and \
                listing.service != "iam":
            continue  # a service that this region has not got
        try:
            things = list(_listed(place, listing, region))
            ours = [thing for thing in things if not (kind == "log group" and thing.name.removeprefix(_OF_LAMBDA) in strangers)
                    and _is_ours(place, listing, thing, evidence, index, len(things) <= ASK_EACH)]
        except ClientError as error:
            if not trouble.is_denied(error):
                raise
            found.unseen.append(f"every {kind} in {region} (not looked at): {trouble.sentence(error)}")
            continue
        found.things += ours
        if kind == "function":
            strangers = {thing.name for thing in things} - {thing.name for thing in ours}


def _is_ours(place: Place, listing: Listing, thing: Thing, evidence: Evidence, index: frozenset[str] | None, few: bool) -> bool:
    if place.everything:
        return True
    if not (few or index is None or thing.arn in index or evidence.names(thing)):
        return False
    if tags(place, listing, thing).get(MADE_BY[0]) == MADE_BY[1]:
        return True
    return evidence.names(thing) and evidence.proves(thing, thing.created_s or _told(place, listing, thing))


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
    return dict(given) if isinstance(given, Mapping) else {tag["Key"]: tag["Value"] for tag in given}


def start_s(place: Place, thing: Thing) -> float:
    """When the start began that made it, by its tag, in seconds since 1970; 0.0 if it does not say."""
    stated = tags(place, LISTINGS[thing.kind], thing).get(START_TAG, "")
    try:
        return datetime.strptime(stated, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return 0.0


def is_gone(error: ClientError) -> bool:
    """Whether AWS says that there is no such resource."""
    code = error.response["Error"]["Code"]
    return "NotFound" in code or "NonExistent" in code or code.startswith("NoSuch") and code != "NoSuchTagSet" or "DoesNotExist" in code


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
    about = {"partition": place.partition, "service": listing.service, "region": region, "account": place.account}
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


def _index(place: Place, region: str) -> frozenset[str] | None:
    """The ARNs that AWS's tag index has of ours; None where it may not be asked: then each resource is asked instead."""
    pages = place.client("resourcegroupstaggingapi", region).get_paginator("get_resources")
    try:
        found = pages.paginate(TagFilters=[{"Key": MADE_BY[0], "Values": [MADE_BY[1]]}])
        return frozenset(item["ResourceARN"] for page in found for item in page["ResourceTagMappingList"])
    except ClientError:  # whatever it was, asking each finds them too, and says what is denied
        return None
