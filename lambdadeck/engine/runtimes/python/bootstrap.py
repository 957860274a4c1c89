"""Starts Amazon's own runtime client, awslambdaric, on the function's handler.

Run with `-S` and absolute paths: what a function can import is its own code, its layers and what the runtime brings
(awslambdaric, boto3 and theirs), not what happens to be installed around the engine.
"""

import gc

gc.disable()  # until the client stands: there is nothing to collect yet, and looking for it takes a millisecond

import marshal  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

TASK_ROOT, RUNTIME_DIR, LAYERS = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.argv[1:] = []
if (
    os.environ.get("LD_BIND_NOW") == "bootstrap"
):  # it was for the start; a function that sets it means another value
    del os.environ["LD_BIND_NOW"]
sys.path[:1] = [TASK_ROOT, *LAYERS, RUNTIME_DIR]


def _read_ahead():
    """What build_cache.py has read for this start (see import_cache.py); None if there is none, or other bytecode is asked for."""
    prepared = RUNTIME_DIR + "/client.marshal"
    if sys.flags.optimize or not os.path.exists(prepared):
        return None
    with open(prepared, "rb") as file:
        programs, modules, patterns = marshal.load(file)
    names = {"__name__": "import_cache"}
    for program in programs:
        exec(program, names)
    return names["begin"](RUNTIME_DIR, modules, patterns)


import site  # noqa: E402  (for exit and quit, which -S leaves out)

site.setquit()

ahead = _read_ahead()
from awslambdaric import bootstrap  # noqa: E402
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402

if ahead:
    ahead.end()

gc.freeze()
gc.enable()
bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
