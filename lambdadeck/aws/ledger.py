"""Tag everything that boto3's calls make, and record it before the call and after the answer.

Only for AWS: the embedded cloud ends with its starter, and everything in it is ours.
"""

import datetime as dt
import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from lambdadeck.aws import resources
from lambdadeck.shared import state

MADE_BY = ("made-by", "lambda-live")
START_TAG = "lambda-live-start"
GLOBAL = "global"  # instead of a region, for roles
_CONTEXT = "lambdadeck.aws.ledger"  # the key of a call's entry in botocore's context
_STARTED = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"


class RecordError(RuntimeError):
    """The record cannot be written, so nothing is made; the message says what to do."""


@dataclass(frozen=True)
class Entry:
    """One line of the record.

    `step` is "asked" (the call goes out), "made" (AWS answered), "refused" (it made nothing) or
    "gone" (it was removed). `kind` and `name` are as in `resources`; `id` is AWS's id, "" if the
    name is the id or no answer came. `call` identifies the call. `at_s` is seconds since 1970.
    """

    step: str
    kind: str
    name: str
    call: str
    at_s: float
    start: str
    id: str = ""


def tags() -> dict[str, str]:
    """Return the tags of everything made: by whom, and at which start (20261123T201502Z, UTC)."""
    return {MADE_BY[0]: MADE_BY[1], START_TAG: os.environ.get("LAMBDADECK_RUN", _STARTED)}


def path_of(account: str, region: str) -> Path:
    """Return the record of an account and region; its name shows four digits and a hash."""
    digest = hashlib.sha256(account.encode()).hexdigest()[:8]
    return state.folder() / f"made-{account[-4:]}-{digest}-{region}.jsonl"


def regions_of(account: str) -> list[str]:
    """Return the regions that have a record of this account."""
    start = path_of(account, "").stem
    found = {path.stem.removeprefix(start) for path in state.folder().glob(f"{start}*.jsonl")}
    return sorted(found - {GLOBAL})


def watch(session: Any, account: str) -> None:
    """Tag and record what the session's clients make in this account. Idempotent."""
    hooks = _LedgerHooks(session, account)
    for event, hook in (
        ("before-parameter-build", hooks.prepare),
        ("before-call", hooks.ask),
        ("after-call", hooks.answer),
    ):
        session.events.register(event, hook, unique_id=f"lambdadeck-record-{event}")


def entries(path: Path) -> list[Entry]:
    """Return the lines, oldest first; one cut by a full disk has the step "unreadable"."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [_entry(line) for line in text.splitlines() if line]


def append(path: Path, entry: Entry) -> None:
    """Append one line atomically (file lock); RecordError if it cannot be written."""
    try:
        with _locked(path) as file:
            line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
            os.write(file, (line if _ends_whole(file) else f"\n{line}").encode())
            os.fsync(file)
    except OSError as error:
        raise RecordError(
            f"What is made on AWS is recorded first, and the record {path} cannot be written "
            f"({error.strerror}): nothing was made. Free the disk, or name another folder in "
            "LAMBDADECK_STATE."
        ) from error


def clear(path: Path, done: Callable[[list[Entry]], bool]) -> None:
    """Empty the record, locked against writers, if `done` says that none of its lines is left."""
    if path.exists():
        with _locked(path) as file:
            if done(entries(path)):
                os.ftruncate(file, 0)


def calls(lines: list[Entry]) -> Iterator[list[Entry]]:
    """Yield the lines of each call, oldest call first."""
    together: dict[str, list[Entry]] = {}
    for line in lines:
        together.setdefault(line.call, []).append(line)
    yield from together.values()


def _ends_whole(file: int) -> bool:
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """Open the record for appending, one process at a time; only the user may read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)  # and with it the lock


class _LedgerHooks:
    """Handle botocore's events of one session."""

    def __init__(self, session: Any, account: str) -> None:
        self._session, self._account = session, account
        self._making = threading.Lock()

    def prepare(
        self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        """Add the tags before the parameters are checked, and note what is about to be made."""
        kind = resources.kind_of(model.service_model.service_name, model.name)
        if kind is None:
            return
        if kind.tags:
            resources.tag(params, kind, model.input_shape.members[kind.tags], _tags_of(kind))
        call, name = os.urandom(8).hex(), kind.name_in(params)
        context[_CONTEXT] = Entry("asked", kind.name, name, call, time.time(), tags()[START_TAG])

    def ask(self, context: dict[str, Any], **_: Any) -> None:
        """Record that the call is about to go out, so that teardown knows what to look for."""
        entry = context.get(_CONTEXT)
        if entry is None:
            return
        # Only us-east-1 answers "made" for a bucket that existed before.
        in_us_east_1 = entry.kind == "bucket" and context["client_region"] == "us-east-1"
        if in_us_east_1 and self._exists(entry.name):
            del context[_CONTEXT]
        else:
            self._append(context, entry)

    def answer(
        self,
        http_response: Any,
        parsed: Mapping[str, Any],
        model: Any,
        context: dict[str, Any],
        **_: Any,
    ) -> None:
        """Record AWS's answer; without one, "asked" stays the last line: it may have been made."""
        entry = context.pop(_CONTEXT, None)
        if entry is None or http_response.status_code >= 500:  # after a 5xx it may have been made
            return
        entry = replace(entry, at_s=time.time())
        if http_response.status_code >= 300:
            self._append(context, replace(entry, step="refused"))
            return
        kind = resources.kind_of(model.service_model.service_name, model.name)
        assert kind
        self._append(context, replace(entry, step="made", id=kind.id_of(parsed)))
        if kind.name == "bucket":
            self._tag_bucket(entry.name, context)

    def _tag_bucket(self, bucket: str, context: dict[str, Any]) -> None:
        tag_set = [{"Key": key, "Value": value} for key, value in tags().items()]
        client = self._client("s3", region_name=context["client_region"])
        client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag_set})

    def _exists(self, bucket: str) -> bool:
        try:
            self._client("s3", region_name="us-east-1").head_bucket(Bucket=bucket)
        except ClientError as error:
            return bool(error.response["Error"]["Code"] != "404")
        return True

    def _client(self, service: str, **options: Any) -> Any:
        with self._making:  # a session cannot make two clients at once
            return self._session.client(service, **options)

    def _append(self, context: Mapping[str, Any], entry: Entry) -> None:
        region = GLOBAL if entry.kind == "role" else context["client_region"]
        append(path_of(self._account, region), entry)


def _tags_of(kind: resources.Kind) -> dict[str, str]:
    # AWS refuses to create an existing topic again if its tags differ: no start's tag for topics.
    return {MADE_BY[0]: MADE_BY[1]} if kind.name == "topic" else tags()


def _entry(line: str) -> Entry:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return Entry("unreadable", "", "", "", 0.0, "")
