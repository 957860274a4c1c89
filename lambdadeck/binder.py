"""The address at which Binder opens the labs: `LAMBDADECK_REPOSITORY=owner/name python -m lambdadeck.binder`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from urllib.parse import quote

REPOSITORY = "LAMBDADECK_REPOSITORY"  # environment variable: owner/name on GitHub
FIRST = "notebooks/1-glance-under-the-bonnet.ipynb"
SERVICE = "https://mybinder.org"


def link(repository: str, notebook: str = FIRST, revision: str = "HEAD") -> str:
    """The address that opens a notebook of that GitHub repository in JupyterLab on Binder.

    ValueError unless `repository` is owner/name. The form is that of mybinder.org: /v2/gh/OWNER/NAME/REVISION?urlpath=PATH.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]+", repository):
        raise ValueError(
            f"{repository!r} is not a repository on GitHub: write owner/name in {REPOSITORY}."
        )
    inside = quote(
        f"lab/tree/{quote(notebook)}", safe=""
    )  # quoted twice: once as a path in JupyterLab, once as a value here
    return f"{SERVICE}/v2/gh/{repository}/{quote(revision, safe='')}?urlpath={inside}"


def markdown(repository: str) -> str:
    """A link in words, to paste into a page."""
    return f"[Open the labs on Binder]({link(repository)})"


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Print the link; returns the exit code."""
    try:
        print(markdown(environ.get(REPOSITORY, "")))
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
