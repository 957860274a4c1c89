"""Start Amazon's own runtime client, awslambdaric, on the function's handler.

Run with `-S` and absolute paths: a function can import its own code, its layers and what the
runtime holds (awslambdaric, boto3 and their dependencies), and nothing else.
"""

import gc

gc.disable()  # until the client is imported: saves a millisecond of collections

import marshal  # noqa: E402  # gc first
import os  # noqa: E402
import sys  # noqa: E402

MYPY = False
if MYPY:
    from typing import Any

TASK_ROOT, RUNTIME_DIR, LAYERS = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.argv[1:] = []
if (
    os.environ.get("LD_BIND_NOW") == "bootstrap"
):  # set for this start; a function sets another value
    del os.environ["LD_BIND_NOW"]
sys.path[:1] = [TASK_ROOT, *LAYERS]
if RUNTIME_DIR not in sys.path:  # PYTHONPATH names it, unless the function sets another one
    sys.path.insert(1 + len(LAYERS), RUNTIME_DIR)


def _begin_import_cache() -> "Any":
    """Install the cache of build_cache.py (see import_cache.py); return None if unusable."""
    prepared = RUNTIME_DIR + "/client.marshal"
    if sys.flags.optimize or not os.path.exists(prepared):
        return None
    with open(prepared, "rb") as file:
        programs, modules, patterns = marshal.load(file)
    names: Any = {"__name__": "import_cache"}
    for program in programs:
        exec(program, names)
    return names["begin"](RUNTIME_DIR, modules, patterns)


import site  # noqa: E402  # for exit and quit, which -S leaves out

site.setquit()

import_cache = _begin_import_cache()
from awslambdaric import bootstrap  # noqa: E402
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402

if import_cache:
    import_cache.end()

gc.freeze()
gc.enable()
bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
