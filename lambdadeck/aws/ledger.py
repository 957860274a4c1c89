"""What was made: everything that boto3's calls make is tagged, and written down before the call and after its answer.

Only for AWS: the embedded cloud ends with its starter, and all that is in it is ours.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lambdadeck.aws import resources
from lambdadeck.shared import state

MADE_BY = ("made-by", "lambda-live")
START_TAG = "lambda-live-start"
GLOBAL = "global"  # in place of a region, for what belongs to none: roles
_CONTEXT = "lambdadeck.aws.ledger"  # where a call's entry travels from one hook to the next
_STARTED = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}"


class RecordError(RuntimeError):
    """The record cannot be written, so nothing is made; the message says what to do."""


@dataclass(frozen=True)
class Entry:
    """One line of the record.

    `step` is "asked" (the call goes out), "made" (AWS answered), "refused" (it made nothing) or "gone" (it was removed).
    `kind` and `name` are as in `kinds`; `id` is what AWS called it, "" where the name is the id or no answer came.
    `call` tells one call's lines from another's. `at_s` is seconds since 1970.
    """

    step: str
    kind: str
    name: str
    call: str
    at_s: float
    start: str
    id: str = ""


def tags() -> dict[str, str]:
    """The tags of everything that is made: by whom, and at which start (UTC, as 20261123T201502Z)."""
    return {MADE_BY[0]: MADE_BY[1], START_TAG: os.environ.get("LAMBDADECK_RUN", _STARTED)}


def path_of(account: str, region: str) -> Path:
    """The record of one account and region; the name shows four digits of the account, and tells accounts apart."""
    digest = hashlib.sha256(account.encode()).hexdigest()[:8]
    return state.folder() / f"made-{account[-4:]}-{digest}-{region}.jsonl"


def regions_of(account: str) -> list[str]:
    """The regions for which there is a record of this account."""
    start = path_of(account, "").stem
    found = {path.stem.removeprefix(start) for path in state.folder().glob(f"{start}*.jsonl")}
    return sorted(found - {GLOBAL})


def watch(session: Any = None, *, path: Path | None = None, account: str | None = None) -> None:
    """From now on tag and record what clients made from this session make (default: boto3's default session).

    Calling it again changes nothing. `path` is one file for everything; without it there is a file for each account and
    region, and the account is asked from AWS by the first call that makes something, unless it is given.
    """
    if session is None:
        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        session = boto3.DEFAULT_SESSION
    hooks = _Hooks(session, path, account)
    for event, hook in (
        ("before-parameter-build", hooks.prepare),
        ("before-call", hooks.ask),
        ("after-call", hooks.answer),
    ):
        session.events.register(event, hook, unique_id=f"lambdadeck-record-{event}")


def entries(path: Path) -> list[Entry]:
    """The record's lines, oldest first; one that cannot be read (a full disk cut it) has the step "unreadable"."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [_entry(line) for line in text.splitlines() if line]


def append(path: Path, entry: Entry) -> None:
    """Write one line at one go, whoever else is writing; raises RecordError."""
    try:
        with _locked(path) as file:
            line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
            os.write(file, (line if _ends_whole(file) else f"\n{line}").encode())
            os.fsync(file)
    except OSError as problem:
        raise RecordError(
            f"What is made on AWS is recorded first, and the record {path} cannot be written ({problem.strerror}): nothing "
            "was made. Free the disk, or name another folder in LAMBDADECK_STATE."
        ) from problem


def clear(path: Path, done: Callable[[list[Entry]], bool]) -> None:
    """Empty the record if `done` says of its lines that nothing of them is left; no writer can come in between."""
    if path.exists():
        with _locked(path) as file:
            if done(entries(path)):
                os.ftruncate(file, 0)


def _ends_whole(file: int) -> bool:
    """Whether the last line is complete: a full disk may have cut it."""
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


class _locked:
    """The record opened for appending, one process at a time; the folder and the file are the user's alone."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> int:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return self._file

    def __exit__(self, *_: object) -> None:
        os.close(self._file)  # and with it the lock


class _Hooks:
    """botocore's events of one session."""

    def __init__(self, session: Any, path: Path | None, account: str | None) -> None:
        self._session, self._path, self._account = session, path, account
        self._making = threading.Lock()

    def prepare(
        self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any
    ) -> None:
        """Before the parameters are checked: add the tags, and note what is about to be made."""
        kind = resources.kind_of(model.service_model.service_name, model.name)
        if kind is None:
            return
        if kind.tags:
            resources.tag(params, kind, model.input_shape.members[kind.tags], _tags_of(kind))
        context[_CONTEXT] = Entry(
            "asked",
            kind.name,
            kind.name_in(params),
            os.urandom(8).hex(),
            time.time(),
            tags()[START_TAG],
        )

    def ask(self, context: dict[str, Any], **_: Any) -> None:
        """The call is about to go out: whatever happens from here on, teardown knows what to look for."""
        entry = context.get(_CONTEXT)
        if entry is None:
            return
        if (
            entry.kind == "bucket"
            and context["client_region"] == "us-east-1"
            and self._is_there(entry.name)
        ):
            del context[
                _CONTEXT
            ]  # us-east-1 alone answers "made" for a bucket that was there before
            return
        append(self._place(context, entry), entry)

    def answer(
        self,
        http_response: Any,
        parsed: Mapping[str, Any],
        model: Any,
        context: dict[str, Any],
        **_: Any,
    ) -> None:
        """AWS answered. No answer leaves the line "asked" as the last one: it may have been made."""
        entry = context.pop(_CONTEXT, None)
        if entry is None:
            return
        code = http_response.status_code
        if code >= 300:
            if code < 500:  # after a 5xx nobody knows
                append(
                    self._place(context, entry), replace(entry, step="refused", at_s=time.time())
                )
            return
        kind = resources.kind_of(model.service_model.service_name, model.name)
        assert kind
        append(
            self._place(context, entry),
            replace(entry, step="made", at_s=time.time(), id=kind.id_of(parsed)),
        )
        if kind.name == "bucket":
            self._tag_bucket(entry.name, context)

    def _tag_bucket(self, bucket: str, context: dict[str, Any]) -> None:
        tag_set = [{"Key": key, "Value": value} for key, value in tags().items()]
        self._client("s3", region_name=context["client_region"]).put_bucket_tagging(
            Bucket=bucket, Tagging={"TagSet": tag_set}
        )

    def _is_there(self, bucket: str) -> bool:
        try:
            self._client("s3", region_name="us-east-1").head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return False
        return True

    def _client(self, service: str, **options: Any) -> Any:
        with self._making:  # a session makes one client at a time
            return self._session.client(service, **options)

    def _place(self, context: Mapping[str, Any], entry: Entry) -> Path:
        if self._path:
            return self._path
        if self._account is None:
            self._account = self._client("sts").get_caller_identity()["Account"]
        return path_of(self._account, GLOBAL if entry.kind == "role" else context["client_region"])


def _tags_of(kind: resources.Kind) -> dict[str, str]:
    """A topic that is made again at the next start must have the same tags: else AWS refuses what it else allows."""
    return {MADE_BY[0]: MADE_BY[1]} if kind.name == "topic" else tags()


def _entry(line: str) -> Entry:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return Entry("unreadable", "", "", "", 0.0, "")


def calls(lines: list[Entry]) -> Iterator[list[Entry]]:
    """The lines of each call, oldest call first."""
    together: dict[str, list[Entry]] = {}
    for line in lines:
        together.setdefault(line.call, []).append(line)
    yield from together.values()
