"""Rows of functions, read as FunctionSpec and Policy."""

import hashlib
import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from lambdadeck.engine.api.packages import EMPTY_ZIP, merge, unpack
from lambdadeck.engine.api.store import Record
from lambdadeck.engine.events.async_invoke import MAX_AGE_S, Policy
from lambdadeck.engine.model import FunctionSpec

_REVISION_FIELDS = (
    "CodeSha256",
    "Handler",
    "Runtime",
    "MemorySize",
    "Timeout",
    "Environment",
    "Layers",
    "EphemeralStorage",
    "LoggingConfig",
    "Role",
)
BUILDERS = 4  # packages that are unpacked at the same time


class FunctionSpecs:
    """Builds the FunctionSpec of each revision once; packages are unpacked below `folder`.

    A build runs on a thread of its own, because a large package takes seconds.
    """

    def __init__(self, folder: Path, layer_zip: Callable[[Record], bytes | None]) -> None:
        self._folder, self._layer_zip = folder, layer_zip
        self._specs: dict[tuple[str, str, str], Future[FunctionSpec]] = {}
        self._unused: set[Path] = set()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(BUILDERS, "unpack")

    def get(self, func: Record, config: Record, record: Record) -> FunctionSpec:
        """Return the spec of version `func`; `record` is the function that it belongs to."""
        built, reserved = self.begin(func, config).result(), record.get("concurrency")
        return built if built.reserved == reserved else replace(built, reserved=reserved)

    def begin(self, func: Record, config: Record) -> Future[FunctionSpec]:
        """Return the spec of a version as soon as it is built; one build serves all callers."""
        arn = ":".join(config["FunctionArn"].split(":")[:7])
        version = config.get("Version", "$LATEST")
        key = (arn, version, func.get("_built") or config.get("RevisionId", ""))
        with self._lock:
            known = self._specs.get(key)
            if known is None or (known.done() and known.exception()):
                self._drop(arn, version)
                known = self._specs[key] = self._threads.submit(self._build, func, config, arn)
            return known

    def _drop(self, arn: str, version: str | None = None) -> None:
        for key in [key for key in self._specs if key[0] == arn and version in (None, key[1])]:
            del self._specs[key]

    def forget(self, arn: str, version: str | None = None) -> None:
        """Drop the specs of a deleted function or version."""
        with self._lock:
            self._drop(arn, version)

    def unused(self, used: set[Path]) -> list[Path]:
        """Return, renamed, the folders that neither a spec nor `used` names, now as last time.

        Return none during a build, which may be about to use one.
        """
        with self._lock:
            if not all(built.done() for built in self._specs.values()):
                return []
            specs = [built.result() for built in self._specs.values() if not built.exception()]
            kept = used.union(*({spec.code, *spec.layers} for spec in specs))
            there = set(self._folder.iterdir()) if self._folder.exists() else set()
            before, self._unused = self._unused, there - kept
            return [
                folder.rename(folder.with_name(f".{folder.name}-{uuid4().hex}"))
                for folder in before & self._unused
            ]

    def _build(self, func: Record, config: Record, arn: str) -> FunctionSpec:
        zips = [self._layer_zip(layer) for layer in config.get("Layers") or ()]
        layers = [unpack(layer, self._folder) for layer in zips if layer]
        code = unpack(func.get("code_zip") or EMPTY_ZIP, self._folder)
        return spec_of(config, arn, code, (merge(layers, self._folder),) if layers else ())


def spec_of(config: Record, arn: str, code: Path, layers: tuple[Path, ...]) -> FunctionSpec:
    """Return a configuration as a spec; `arn` has no qualifier."""
    stated = [config.get(field) for field in _REVISION_FIELDS]
    revision = json.dumps(stated, sort_keys=True, default=str)
    logging = config.get("LoggingConfig") or {}
    return FunctionSpec(
        name=config["FunctionName"],
        arn=arn,
        version=config.get("Version", "$LATEST"),
        revision=hashlib.sha256(revision.encode()).hexdigest(),
        runtime=config.get("Runtime", ""),
        handler=config.get("Handler", ""),
        region=arn.split(":")[3],
        code=code,
        memory_mb=int(config["MemorySize"]),
        timeout_s=float(config["Timeout"]),
        ephemeral_mb=int((config.get("EphemeralStorage") or {}).get("Size", 512)),
        environment=dict((config.get("Environment") or {}).get("Variables") or {}),
        layers=layers,
        log_group=logging.get("LogGroup") or f"/aws/lambda/{config['FunctionName']}",
        log_format=logging.get("LogFormat") or "Text",
        role=config.get("Role", ""),
        application_level=logging.get("ApplicationLogLevel") or "",
        system_level=logging.get("SystemLogLevel") or "",
    )


def chosen(record: Record | None, qualifier: str | None) -> Record | None:
    """Return the version that a qualifier names or draws, None if it does not exist."""
    if record is None:
        return None
    version = pick_version(record, qualifier)
    found: Record | None = record if version == "$LATEST" else record["versions"].get(version)
    return found


def policy(record: Record, qualifier: str | None) -> Policy:
    """Return the retries, age, destinations and dead-letter queue that a function is set to."""
    configs = record.get("event_invoke_configs") or {}
    stated = configs.get(qualifier or "$LATEST") or {}
    targets = stated.get("DestinationConfig") or {}
    return Policy(
        retries=int(stated.get("MaximumRetryAttempts", 2)),
        max_age_s=float(stated.get("MaximumEventAgeInSeconds", MAX_AGE_S)),
        on_success=(targets.get("OnSuccess") or {}).get("Destination", ""),
        on_failure=(targets.get("OnFailure") or {}).get("Destination", ""),
        dead_letter=(record["config"].get("DeadLetterConfig") or {}).get("TargetArn", ""),
    )


def pick_version(record: Record, qualifier: str | None) -> str:
    """Return the version behind a qualifier; a weighted alias draws one."""
    if not qualifier or qualifier == "$LATEST":
        return "$LATEST"
    alias = record.get("aliases", {}).get(qualifier)
    if alias is None:
        return qualifier
    draw = random.random()
    weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    for version, weight in weights.items():
        if (draw := draw - float(weight)) < 0:
            return str(version)
    return str(alias.get("FunctionVersion", "$LATEST"))
