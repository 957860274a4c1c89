"""Versions behind a weighted alias: publish two, call the alias, note which version answered."""

from dataclasses import dataclass
from typing import Any

import boto3

from lambdadeck import functions


@dataclass(frozen=True)
class AliasCall:
    """A call through an alias: the version that answered, and the share of calls that `new` got."""

    version: str
    new: str
    weight: float


def two_versions(name: str, *, weight: float = 0.0, client: Any = None) -> tuple[str, str]:
    """Publish the function with GREETING Hello, then Bonjour, and give the second a share of calls.

    Return the versions' numbers. `weight` is a share from 0 to 1. Errors are botocore's.
    """
    client = client or boto3.client("lambda")
    old, new = (_published(name, greeting, client) for greeting in ("Hello", "Bonjour"))
    stated: dict[str, Any] = {"FunctionName": name, "Name": "live", "FunctionVersion": old}
    stated["RoutingConfig"] = routing(new, weight)
    try:
        client.create_alias(**stated)
    except client.exceptions.ResourceConflictException:
        client.update_alias(**stated)
    return old, new


def routing(new: str, weight: float) -> dict[str, dict[str, float]]:
    """Return the RoutingConfig that gives `new` this share of the calls; 0 writes a roll-back."""
    return {"AdditionalVersionWeights": {new: weight} if weight else {}}


def call(name: str, count: int, alias: str = "live", *, client: Any = None) -> list[AliasCall]:
    """Invoke through the alias one call after the other, and note each ExecutedVersion.

    Raise ValueError for a `count` below 1, RuntimeError if the function fails, botocore's errors.
    """
    if count < 1:
        raise ValueError(f"Watching an alias needs at least one call, not {count}.")
    client = client or boto3.client("lambda")
    stated = client.get_alias(FunctionName=name, Name=alias)
    weights = (stated.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    new, weight = next(iter(weights.items()), ("", 0.0))
    return [AliasCall(_answered(client, name, alias), new, weight) for _ in range(count)]


def _published(name: str, greeting: str, client: Any) -> str:
    functions.deploy(name, environment={"GREETING": greeting}, client=client)
    version = str(client.publish_version(FunctionName=name)["Version"])
    functions.wait(client, "published_version_active", FunctionName=name, Qualifier=version)
    return version


def _answered(client: Any, name: str, alias: str) -> str:
    answer = client.invoke(FunctionName=name, Qualifier=alias)
    body = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise RuntimeError(f"{name}:{alias} failed: {body}")
    return str(answer["ExecutedVersion"])
