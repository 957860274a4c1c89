"""What replaced the deployment of 2017: the same settings as a GitHub Actions workflow and as an AWS SAM template."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lambdadeck.deployment import travis
from lambdadeck.deployment.travis.parser import Block
from lambdadeck.shared.paths import ASSETS
from lambdadeck.shared.table import CompactTable

FOLDER = ASSETS / "deployment"
WORKFLOW, TEMPLATE = FOLDER / "github-actions.yml", FOLDER / "template.yaml"
_NONE = "–"
_ROWS = {  # option of 2017: the workflow's input, the template's property
    "function_name": ("function-name", "FunctionName"),
    "role": ("role", "Role"),
    "runtime": ("runtime", "Runtime"),
    "handler_name": ("handler", "Handler"),
    "zip": ("code-artifacts-dir", "CodeUri"),
    "timeout": ("timeout", "Timeout"),
    "memory_size": ("memory-size", "MemorySize"),
    "region": ("aws-region", ""),
    "access_key_id": ("role-to-assume", ""),
}


def beside(workflow: Path = WORKFLOW, template: Path = TEMPLATE) -> CompactTable:
    """One row a setting: 2017's value, then the workflow's and the template's ("same" where nothing changed).

    Read from the three files; neither GitHub nor SAM runs here, and the caption says so. OSError if one cannot be read.
    """
    then, today, sam = travis.read(travis.OF_2017).blocks[0], inputs(workflow), properties(template)
    rows = [
        _row(name, _then(then, name), today.get(action, ""), sam.get(prop, ""))
        for name, (action, prop) in _ROWS.items()
    ]
    document = _read(workflow)
    permissions, branches = (
        document["permissions"],
        document[True]["push"]["branches"],
    )  # YAML 1.1 reads `on` as true
    rows += [
        _row(
            "secret_access_key",
            _then(then, "secret_access_key"),
            f"id-token: {permissions['id-token']}",
            "",
        ),
        _row("on: branch", then.fields["on"].fields["branch"].text, ", ".join(branches), ""),
        _row(
            "versions",
            "",
            "published" if today["publish"] else "",
            f"published, alias {sam['AutoPublishAlias']}",
        ),
        _row("first calls", "", "", sam["DeploymentPreference"]["Type"]),
    ]
    headers = ("setting", "Travis CI, 2017", "GitHub Actions", "AWS SAM")
    return CompactTable(
        headers,
        rows,
        "Read from assets/deployment. GitHub and SAM run them: this machine does not.",
    )


def inputs(workflow: Path = WORKFLOW) -> dict[str, Any]:
    """The inputs of all steps of the workflow's one job, by name."""
    (job,) = _read(workflow)["jobs"].values()
    return {name: value for step in job["steps"] for name, value in step.get("with", {}).items()}


def properties(template: Path = TEMPLATE) -> dict[str, Any]:
    """The properties of the template's one function."""
    (function,) = _read(template)["Resources"].values()
    return dict(function["Properties"])


def _then(block: Block, name: str) -> str:
    text = block.fields[name].text
    return f"{block.fields['module_name'].text}.{text}" if name == "handler_name" else text


def _row(name: str, then: str, *today: object) -> tuple[str, ...]:
    shown = (
        _NONE if value == "" else "same" if str(value) == then else _short(str(value))
        for value in today
    )
    return (name, _short(then) or _NONE, *shown)


def _short(text: str) -> str:
    """An ARN or a path by its last part: a slide has no room for more."""
    return f"…/{text.rsplit('/', 1)[1]}" if "/" in text and len(text) > 24 else text


def _read(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
