"""Find what the talk made and is left in a cloud: list resources, then check tags and record.

A resource with the tag made-by=lambda-live is ours. So is one on record, if AWS agrees: by the id
that it gave, or by the time of creation. Everything else is not ours, whatever its name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import getitem
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from lambdadeck.aws import errors
from lambdadeck.aws.ledger import MADE_BY, START_TAG
from lambdadeck.teardown.evidence import Evidence
from lambdadeck.teardown.listings import EVERYWHERE, LISTINGS, ORDER, Listing, Resource

ASK_EACH = 200  # up to so many of a kind, each is asked for its tags; of more, those in AWS's index
# Names that prove nothing, but are a reason to ask for the tags.
_OUR_NAMES = ("lambda-live", "lambda_live", "/aws/lambda/lambda-live", "/lambda-live/")
_PATIENT = Config(
    retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=30
)
FAILURES = (ClientError, BotoCoreError, ResponseParserError)  # of one call: the others go on


@dataclass(frozen=True)
class Scope:
    """Where to look: an account in these regions. In LOCAL `everything` in the cloud is ours."""

    session: Any
    account: str
    regions: tuple[str, ...]
    partition: str = "aws"
    everything: bool = False
    clients: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)

    def client(self, service: str, region: str) -> Any:
        """Return a client that retries throttled calls; the same one for each call."""
        key = service, region
        if key not in self.clients:
            self.clients[key] = self.session.client(service, region_name=region, config=_PATIENT)
        return self.clients[key]


@dataclass(frozen=True)
class Unseen:
    """What could not be looked at, why, and whether a later look may see it."""

    what: str
    why: str
    may_pass: bool = False

    def __str__(self) -> str:
        return f"{self.what} (not looked at): {self.why}"


@dataclass
class Found:
    """Our resources, in the order of removal, and what could not be looked at."""

    resources: list[Resource] = field(default_factory=list)
    unseen: list[Unseen] = field(default_factory=list)


def find(scope: Scope, evidence: Evidence) -> Found:
    """Look in every region for what is ours; a look that fails is among the unseen.

    Only errors of the embedded cloud are botocore's: if it does not answer, nothing is left.
    """
    search = _Search(scope, evidence)
    for region in scope.regions:
        search.region(region, [kind for kind in ORDER if kind not in EVERYWHERE])
    search.region(scope.regions[0], EVERYWHERE)
    search.found.resources.sort(key=lambda resource: ORDER.index(resource.kind))
    return search.found


class _Search:
    """One look at a scope, with the ARNs that AWS's tag index has named so far."""

    def __init__(self, scope: Scope, evidence: Evidence) -> None:
        self._scope, self._evidence, self.found = scope, evidence, Found()
        self._indexed, self._has_index = set[str](), True
        self._knows_functions = True  # of the region, to tell whose a log group is

    def region(self, region: str, kinds: Iterable[str]) -> None:
        if not self._scope.everything:
            self._ask_index(region)
        not_ours: set[str] = set()  # names of functions: their logs are not ours either
        self._knows_functions = True
        for listing in (LISTINGS[kind] for kind in kinds):
            if not self._has(region, listing.service):
                continue
            found = self._list(listing, region)
            ours = [
                resource
                for resource in found
                if resource.logs_of not in not_ours and self._is_ours(listing, resource, len(found))
            ]
            self.found.resources += ours
            if listing.kind == "function":
                not_ours = {one.name for one in found} - {one.name for one in ours}

    def _has(self, region: str, service: str) -> bool:
        available = self._scope.session.get_available_regions
        everywhere = self._scope.everything or service == "iam"
        return everywhere or region in available(service, self._scope.partition)

    def _list(self, listing: Listing, region: str) -> list[Resource]:
        """Return what is listed, as far as it is."""
        page_size = {"PageSize": 60} if listing.kind == "user pool" else {}
        found: list[Resource] = []
        try:
            pages = self._scope.client(listing.service, region).get_paginator(listing.call)
            for page in pages.paginate(PaginationConfig=page_size):
                items = page.get(listing.items, [])
                found += [_resource(self._scope, listing, region, item) for item in items]
        except FAILURES as error:
            self._unseen(f"every {listing.kind} in {region}", error)
            self._knows_functions &= listing.kind != "function"
        return found

    def _is_ours(self, listing: Listing, resource: Resource, of: int) -> bool:
        if self._scope.everything:
            return True
        named = self._evidence.names(resource)
        is_suspect = named or resource.arn in self._indexed or resource.name.startswith(_OUR_NAMES)
        if not is_suspect and of > ASK_EACH and self._has_index:
            return False
        try:
            if tags(self._scope, listing, resource).get(MADE_BY[0]) == MADE_BY[1]:
                return True
            is_ours = named and self._evidence.proves(
                resource, resource.created_s or _told(self._scope, listing, resource)
            )
        except FAILURES as error:
            if is_suspect or not self._has_index or not errors.is_denied(error):
                self._unseen(str(resource), error)
            return False  # not ours, and access is denied
        if is_ours and resource.logs_of and not self._knows_functions:
            why = "the list of functions failed, which tells whose it is"
            self.found.unseen.append(Unseen(str(resource), why))
            return False
        return is_ours

    def _unseen(self, what: str, error: Exception) -> None:
        if self._scope.everything and isinstance(error, BotoCoreError):
            raise error
        why = errors.sentence(error) or str(error)
        self.found.unseen.append(Unseen(what, why, errors.may_pass(error)))

    def _ask_index(self, region: str) -> None:
        # AWS's tag index may lag and has no roles, but saves asking each of thousands.
        client = self._scope.client("resourcegroupstaggingapi", region)
        pages = client.get_paginator("get_resources")
        try:
            for page in pages.paginate(TagFilters=[{"Key": MADE_BY[0], "Values": [MADE_BY[1]]}]):
                self._indexed |= {item["ResourceARN"] for item in page["ResourceTagMappingList"]}
        except FAILURES:  # asking each resource finds them too
            self._has_index = False


def tags(scope: Scope, listing: Listing, resource: Resource) -> dict[str, str]:
    """Return the tags of a resource; {} if it has none or was removed meanwhile."""
    call, parameter, by, where = listing.tags
    try:
        answer = _call(scope, listing, call, resource.region, **{parameter: getattr(resource, by)})
    except ClientError as error:
        if is_gone(error) or error.response["Error"]["Code"] == "NoSuchTagSet":
            return {}
        raise
    given = answer.get(where) or {}
    if isinstance(given, Mapping):
        return dict(given)
    return {tag["Key"]: tag["Value"] for tag in given}


def start_s(scope: Scope, resource: Resource) -> float:
    """Return when the start that made it began, by its tag: seconds since 1970, 0.0 if missing."""
    stated = tags(scope, LISTINGS[resource.kind], resource).get(START_TAG, "")
    try:
        return datetime.strptime(stated, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def is_gone(error: ClientError) -> bool:
    """Return whether AWS says that there is no such resource."""
    code = error.response["Error"]["Code"]
    if code.startswith("NoSuch"):
        return bool(code != "NoSuchTagSet")
    return any(word in code for word in ("NotFound", "NonExistent", "DoesNotExist"))


def _resource(scope: Scope, listing: Listing, region: str, item: Any) -> Resource:
    fields = item if isinstance(item, dict) else {}
    key = fields[listing.key] if fields else item
    name = fields.get(listing.name) or _short(key)
    facts = {"scope": scope, "listing": listing, "region": region, "key": key, "name": name}
    arn = fields.get(listing.arn) or listing.arn.format_map(facts)
    return Resource(listing.kind, key, name, arn, region, _seconds(fields.get(listing.created)))


def _short(key: str) -> str:
    """Return the name in a queue's URL or a topic's ARN; any other key is the name."""
    if key.startswith("arn:"):
        return key.rpartition(":")[2]
    return key.rpartition("/")[2] if key.startswith("http") else key


def _told(scope: Scope, listing: Listing, resource: Resource) -> float | None:
    if listing.told is None:
        return None
    call, parameter, where = listing.told
    asked: dict[str, Any] = {parameter: resource.key}
    if listing.kind == "queue":
        asked["AttributeNames"] = ["CreatedTimestamp"]
    try:
        answer = _call(scope, listing, call, resource.region, **asked)
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return _seconds(reduce(getitem, where.split("."), answer))


def _call(scope: Scope, listing: Listing, call: str, region: str, **parameters: Any) -> Any:
    return getattr(scope.client(listing.service, region), call)(**parameters)


def _seconds(stated: Any) -> float | None:
    """Convert AWS's time: a datetime, milliseconds (CloudWatch Logs), or seconds as text (SQS)."""
    if stated is None:
        return None
    if isinstance(stated, datetime):
        return stated.timestamp()
    number = float(stated)
    return number / 1000 if number > 1e11 else number
