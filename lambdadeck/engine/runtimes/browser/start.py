"""Start Amazon's own runtime client on the function's handler, in a worker of a web page."""

import importlib.util
import json
import os
import sys

MYPY = False
if MYPY:
    from typing import Any

# The memory that each environment starts with has modules, but no files: this code runs in each.
SPEC: "Any" = importlib.util.find_spec("awslambdaric.bootstrap")
CODE = SPEC.loader.get_code(SPEC.name)


def bootstrap() -> "Any":
    """Return Amazon's bootstrap, which reads the variables."""
    module = sys.modules[SPEC.name] = importlib.util.module_from_spec(SPEC)
    exec(CODE, module.__dict__)
    return module


def begin(variables: "dict[str, str]", paths: "list[str]", page_parts: "Any") -> "None":
    """Run the handler for each event; say how the runtime ended.

    `page_parts` are the worker's page object, and Pyodide's run_sync and create_proxy.
    """
    threads, client = map(importlib.import_module, ("green_threads", "runtime_client"))
    scheduler = client.scheduler = threads.Scheduler(*page_parts)  # type: ignore[attr-defined]  # our module
    threads.install(scheduler)

    def end(code: "Any" = 0) -> "None":
        scheduler.page.say("exit", code if isinstance(code, int) else int(code is not None))
        scheduler.wait(scheduler.page.never())

    os._exit = end  # type: ignore[assignment]  # a worker has no process to end
    os.environ.clear()
    os.environ.update(variables)
    sys.path[:0] = paths
    os.chdir(paths[0])
    try:
        bootstrap().run(variables["_HANDLER"], _client(scheduler.page))
    except SystemExit as left:
        end(left.code)
    except BaseException:  # noqa: BLE001  (a handler may raise anything)
        sys.excepthook(*sys.exc_info())
        end(1)


def _client(page: "Any") -> "Any":
    """Return Amazon's client, which reports a failed INIT to the page."""
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    class PageRuntimeClient(LambdaRuntimeClient):  # type: ignore[misc]  # it has no types
        def post_init_error(self, error: "Any", error_type_override: "Any" = None) -> "None":
            page.say("fault", json.dumps(error))

    return PageRuntimeClient("")
