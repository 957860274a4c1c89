"""Publish and list versions."""

from functools import partial

from lambdadeck.engine.api import names, rules
from lambdadeck.engine.api.configuration import CREATING, listed, revision, settled, shown
from lambdadeck.engine.api.errors import ApiError, stale
from lambdadeck.engine.api.paging import page
from lambdadeck.engine.api.store import ApiCall, Record, Store


def publish(record: Record, description: str | None = None, *, pending: bool) -> Record:
    """Return the version made of $LATEST: the last one if nothing has changed since."""
    latest = record["config"]
    last = record["versions"].get(str(record["next_version"] - 1))
    if last and last["_built"] == record["_built"]:
        unchanged: Record = last
        return unchanged
    number = str(record["next_version"])
    record["next_version"] += 1
    config = {**latest, "Version": number, "RevisionId": revision()}
    config["FunctionArn"] = f"{latest['FunctionArn']}:{number}"
    if description is not None:
        config["Description"] = description
    if latest["SnapStart"]["ApplyOn"] == "PublishedVersions":
        config["SnapStart"] = {**latest["SnapStart"], "OptimizationStatus": "On"}
    if pending:
        config = {key: value for key, value in config.items() if not key.startswith("LastUpdate")}
        config |= CREATING
    version = {"config": config, "code_zip": record["code_zip"], "_built": record["_built"]}
    record["versions"][number] = version
    return version


def create(call: ApiCall) -> Record:
    """PublishVersion."""
    given, store = call.given, call.store
    name, _ = names.resolve(call)
    record = store.function(name)
    latest = record["config"]
    if given.get("RevisionId") and given["RevisionId"] != latest["RevisionId"]:
        raise stale()
    rules.check_state(record, store.function_arn(name))
    stated, current = given.get("CodeSha256"), latest["CodeSha256"]
    if stated and stated != current:
        raise ApiError(
            f"CodeSHA256 ({stated}) is different from current CodeSHA256 in $LATEST ({current}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    known = record["next_version"]
    snapshot = latest["SnapStart"]["ApplyOn"] == "PublishedVersions"
    version = publish(record, given.get("Description"), pending=snapshot)
    if record["next_version"] > known:
        record["config"] = {**latest, "RevisionId": revision()}
    if version["config"]["State"] == "Pending":
        store.effects.later(partial(_settle, version))
    return shown(version["config"], store, version["config"]["Version"])


def _settle(version: Record) -> None:
    version["config"] = settled(version["config"])


def listing(record: Record, store: Store) -> list[Record]:
    """Return $LATEST and the published versions as listings show them."""
    found = [record["config"], *(one["config"] for one in record["versions"].values())]
    return [listed(config, store, config["Version"]) for config in found]


def list_all(call: ApiCall) -> Record:
    """ListVersionsByFunction."""
    name, _ = names.resolve(call)
    found = listing(call.store.function(name), call.store)
    return page(call.given, "Versions", found, lambda config: str(config["Version"]))
