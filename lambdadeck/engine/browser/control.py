"""The control plane of a page: functions in memory, without ministack."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

from lambdadeck.engine.api.errors import PendingError
from lambdadeck.engine.api.packages import EMPTY_ZIP
from lambdadeck.engine.api.specs import chosen, policy, spec_of
from lambdadeck.engine.api.store import Effects, Record, State, Store
from lambdadeck.engine.events.async_invoke import Current, Policy
from lambdadeck.engine.model import ACCOUNT, TRANSITION_S, FunctionSpec, Invocation, Outcome, Target

Submit = Callable[[Current, Policy, Invocation], None]


class PageControl:
    """What Invoke needs of a control plane; packages are kept as zips in `folder`."""

    def __init__(self, effects: Effects, folder: Path, submit: Submit) -> None:
        self.state, self._effects = State(), effects
        self._folder, self._submit = folder, submit
        folder.mkdir(parents=True, exist_ok=True)

    def store(self, region: str) -> Store:
        return Store(self.state, self._effects, ACCOUNT, region)

    def _record(self, target: Target) -> Record | None:
        return self.store(target.region).find(target.name)

    def is_pending(self, target: Target) -> bool:
        record = self._record(target)
        return record is not None and record["config"].get("State") == "Pending"

    async def created(self, target: Target) -> None:
        await asyncio.sleep(TRANSITION_S)
        if self.is_pending(target):
            raise PendingError

    async def found(self, target: Target) -> FunctionSpec | None:
        return self._current(target)

    def _current(self, target: Target) -> FunctionSpec | None:
        record = self._record(target)
        version = chosen(record, target.qualifier)
        if record is None or version is None:
            return None
        layers = [self._layer(target, one) for one in version["config"].get("Layers") or ()]
        code = self._packed(version.get("code_zip") or EMPTY_ZIP)
        arn = target._replace(qualifier=None).arn
        spec = spec_of(version["config"], arn, code, tuple(layers))
        return replace(spec, reserved=record.get("concurrency"))

    def _layer(self, target: Target, attached: Record) -> Path:
        *_, name, number = attached["Arn"].split(":")
        layer = self.store(target.region).layer(name) or {"versions": []}
        found = (v["_zip_data"] for v in layer["versions"] if v["Version"] == int(number))
        return self._packed(next(found, EMPTY_ZIP))

    def _packed(self, package: bytes) -> Path:
        path = self._folder / f"{sha256(package).hexdigest()}.zip"
        if not path.exists():
            path.write_bytes(package)
        return path

    def count(self, spec: FunctionSpec, outcome: Outcome | None) -> None:
        """Do nothing: a page has no CloudWatch."""

    def queue(self, target: Target, invocation: Invocation) -> None:
        """Accept an event invocation of a function that `found` has found."""
        record = self._record(target)
        assert record is not None
        settings = policy(record, target.qualifier)
        self._submit(partial(self._current, target), settings, invocation)
