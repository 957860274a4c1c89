"""ministack's records of functions, read as FunctionSpec and Policy."""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lambdadeck.engine.control.async_invoke import MAX_AGE_S, Policy
from lambdadeck.engine.control.packages import merge, unpack
from lambdadeck.engine.model import FunctionSpec

Record = dict[str, Any]  # as ministack keeps it
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
)
_EMPTY_ZIP = b"PK\x05\x06" + b"\0" * 18


class FunctionSpecs:
    """Builds the FunctionSpec of each revision once; packages are unpacked below `folder`."""

    def __init__(self, folder: Path, layer_zip: Callable[[Record], bytes | None]) -> None:
        self._folder, self._layer_zip = folder, layer_zip
        self._specs: dict[tuple[str, str, str], FunctionSpec] = {}

    def get(self, func: Record, config: Record, record: Record) -> FunctionSpec:
        """Return the spec of version `func`; `record` is the function that it belongs to."""
        arn = ":".join(config["FunctionArn"].split(":")[:7])
        built = func.get("_built") or config.get("RevisionId", "")
        key = (arn, config.get("Version", "$LATEST"), built)
        known = self._specs.get(key)
        if known is None:
            known = self._specs[key] = self._build(func, config, arn)
        reserved = record.get("concurrency")
        if reserved != known.reserved:
            known = self._specs[key] = replace(known, reserved=reserved)
        return known

    def _build(self, func: Record, config: Record, arn: str) -> FunctionSpec:
        stated = [config.get(field) for field in _REVISION_FIELDS]
        revision = json.dumps(stated, sort_keys=True, default=str)
        logging = config.get("LoggingConfig") or {}
        zips = [self._layer_zip(layer) for layer in config.get("Layers") or ()]
        layers = [unpack(layer, self._folder) for layer in zips if layer]
        return FunctionSpec(
            name=config["FunctionName"],
            arn=arn,
            version=config.get("Version", "$LATEST"),
            revision=hashlib.sha256(revision.encode()).hexdigest(),
            runtime=config.get("Runtime", ""),
            handler=config.get("Handler", ""),
            region=arn.split(":")[3],
            code=unpack(func.get("code_zip") or _EMPTY_ZIP, self._folder),
            memory_mb=int(config["MemorySize"]),
            timeout_s=float(config["Timeout"]),
            ephemeral_mb=int((config.get("EphemeralStorage") or {}).get("Size", 512)),
            environment=dict((config.get("Environment") or {}).get("Variables") or {}),
            layers=(merge(layers, self._folder),) if layers else (),
            log_group=logging.get("LogGroup") or f"/aws/lambda/{config['FunctionName']}",
            log_format=logging.get("LogFormat") or "Text",
            reserved=func.get("concurrency"),
        )


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
