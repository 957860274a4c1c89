"""The state of Lambda on disk, so that an engine that died has its functions back.

Each row is a file; packages are files of their own, named by their content. A row is written when
it has changed, before the call that changed it is answered.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from lambdadeck.engine.api import concurrency, configuration
from lambdadeck.engine.api.store import Effects, State, Store
from lambdadeck.shared import files

Place = tuple[str, str, str, str]  # field of State, account, region, name
_BYTES = "$bytes"
_NAMED = re.compile(r'"\$bytes": "([0-9a-f]{64})"')
_MAPPING = {"Creating": "Enabled", "Enabling": "Enabled", "Updating": "Enabled"}
_MAPPING |= {"Disabling": "Disabled", "Deleting": "Disabled"}


class Saved:
    """Keeps the state in a folder; `go_on` is told each mapping that is read back."""

    def __init__(
        self, folder: Path, state: State, effects: Effects, go_on: Callable[[dict[str, Any]], None]
    ) -> None:
        self._folder, self._state, self._effects, self._go_on = folder, state, effects, go_on
        self._written: dict[Place, str] = {}
        self._unsaved: set[Place] = set()  # whose file is missing or old
        self._blobs: dict[int, tuple[bytes, str]] = {}  # by identity: hashing takes time
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def save(self, told: str) -> None:
        """Write the rows that have changed, of those that `told` names; remove those that are gone.

        `told` is the path of a request and its answer: between them they name what was changed.
        What cannot be written is said on stderr, and tried again at each change.
        """
        rows, before, after = dict(self._rows()), list[str](), list[str]()
        for key in self._written.keys() - rows.keys():
            self._file(key).unlink(missing_ok=True)
            before.append(self._written.pop(key))
        known, self._unsaved = self._written.keys() - self._unsaved, set()
        for key, value in rows.items():
            if key in known and key[3].partition(":")[0] not in told:
                continue
            try:
                text = json.dumps({"key": key, "value": value}, default=self._reference)
                if self._written.get(key) != text:
                    files.replace(self._file(key), text.encode())
                    before.append(self._written.get(key, ""))
                    after.append(text)
                    self._written[key] = text
            except OSError as error:  # a full disk
                self._unsaved.add(key)
                _say(f"{self._folder}: {error.strerror}: {key[3]} is not saved as it is now.")
        if lost := _named(before) - _named(after):
            self._prune(lost - _named(self._written.values()))

    def restore(self) -> None:
        """Read the rows back; what was in transition is settled.

        A damaged file is put aside, and a sentence on stderr says so.
        """
        for file in sorted(self._folder.glob("*.json")):
            try:
                text = file.read_text(encoding="utf-8")
                row = json.loads(text, object_hook=self._resolved)
                self._take((*row["key"],), row["value"], text)
            except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
                aside = file.replace(file.with_suffix(".damaged"))
                _say(f"{aside} is damaged ({error!r}): the engine starts without what it held.")

    def _take(self, key: Place, value: Any, text: str) -> None:
        kind, account, region, name = key
        if kind == "functions":
            configuration.settle(value)
        getattr(self._state, kind)[account, region, name] = value
        if kind == "functions" and value["provisioned_concurrency"]:
            concurrency.provision(Store(self._state, self._effects, account, region), value)
        if kind == "mappings":
            value["State"] = _MAPPING.get(value["State"], value["State"])
            self._go_on(value)
        self._written[key] = text

    def _rows(self) -> Iterator[tuple[Place, Any]]:
        for table in fields(State):
            for key, value in getattr(self._state, table.name).items():
                yield (table.name, *key), value

    def _prune(self, gone: set[str]) -> None:
        """Remove packages that no row names any more."""
        self._blobs = {key: blob for key, blob in self._blobs.items() if blob[1] not in gone}
        for name in gone:
            (self._folder / name).unlink(missing_ok=True)

    def _file(self, key: Place) -> Path:
        return self._folder / f"{hashlib.sha256(repr(key).encode()).hexdigest()}.json"

    def _reference(self, value: Any) -> Any:
        """Return what stands in a row for bytes, which are written to a file of their own."""
        if not isinstance(value, bytes):
            raise TypeError(f"A row holds a {type(value).__name__}, which cannot be saved.")
        if id(value) not in self._blobs:
            name = hashlib.sha256(value).hexdigest()
            if not (blob := self._folder / name).exists():
                files.replace(blob, value)
            self._blobs[id(value)] = value, name
        return {_BYTES: self._blobs[id(value)][1]}

    def _resolved(self, value: dict[str, Any]) -> Any:
        if value.keys() == {_BYTES}:
            return (self._folder / value[_BYTES]).read_bytes()
        return value


def _say(sentence: str) -> None:
    with suppress(OSError):  # the log may be on the same full disk
        print(sentence, file=sys.stderr)


def _named(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in _NAMED.findall(text)}
