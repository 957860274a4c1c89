"""The successors of 2017's deployment: a GitHub Actions workflow and an AWS SAM template."""

from pathlib import Path
from typing import Any

import yaml

from lambdadeck.deployment import travis
from lambdadeck.shared.paths import ASSETS
from lambdadeck.shared.table import Table

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


def beside(workflow: Path = WORKFLOW, template: Path = TEMPLATE) -> Table:
    """Compare the settings of 2017 with the workflow's and the template's ("same" if equal).

    The three files are read, neither GitHub nor SAM runs. Raise OSError if one cannot be read.
    """
    fields = travis.read(travis.OF_2017).provider.fields
    then = {name: value.text for name, value in fields.items()}
    then["handler_name"] = f"{then['module_name']}.{then['handler_name']}"
    today, sam, document = inputs(workflow), properties(template), _read(workflow)
    branches = document[True]["push"]["branches"]  # YAML 1.1 reads `on` as true
    token = f"id-token: {document['permissions']['id-token']}"
    alias = f"published, alias {sam['AutoPublishAlias']}"
    rows = [
        *(
            _row(name, then[name], today.get(a, ""), sam.get(b, ""))
            for name, (a, b) in _ROWS.items()
        ),
        _row("secret_access_key", then["secret_access_key"], token, ""),
        _row("on: branch", fields["on"].fields["branch"].text, ", ".join(branches), ""),
        _row("versions", "", "published" if today["publish"] else "", alias),
        _row("first calls", "", "", sam["DeploymentPreference"]["Type"]),
    ]
    caption = "Read from assets/deployment. They run on GitHub and in SAM, not on this machine."
    return Table(("setting", "Travis CI, 2017", "GitHub Actions", "AWS SAM"), rows, caption)


def inputs(workflow: Path = WORKFLOW) -> dict[str, Any]:
    """Return the inputs of all steps of the workflow's one job, by name."""
    (job,) = _read(workflow)["jobs"].values()
    return {name: value for step in job["steps"] for name, value in step.get("with", {}).items()}


def properties(template: Path = TEMPLATE) -> dict[str, Any]:
    """Return the properties of the template's one function."""
    (function,) = _read(template)["Resources"].values()
    return dict(function["Properties"])


def _row(name: str, then: str, *today: object) -> tuple[str, ...]:
    shown = (
        _NONE if value == "" else "same" if str(value) == then else _short(str(value))
        for value in today
    )
    return (name, _short(then) or _NONE, *shown)


def _short(text: str) -> str:
    """Return the last part of a long ARN or path: a slide has no room for more."""
    return f"…/{text.rsplit('/', 1)[1]}" if "/" in text and len(text) > 24 else text


def _read(path: Path) -> dict[Any, Any]:
    document: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document
