"""Starts Amazon's own runtime client, awslambdaric, on the function's handler.

Run with `-S` and absolute paths: what a function can import is its own code, its layers and what the runtime brings
(this folder's neighbours: awslambdaric, boto3 and theirs), not what happens to be installed around the engine.
"""

import os
import sys

TASK_ROOT, RUNTIME_DIR, LAYERS = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.argv[1:] = []
sys.path[:1] = [TASK_ROOT, *LAYERS, RUNTIME_DIR]
sys.path.append(__file__.replace("bootstrap.py", "pure"))  # last: for where awslambdaric has no native half (macOS)

import site  # noqa: E402  (for exit and quit, which -S leaves out)

site.setquit()

from awslambdaric import bootstrap  # noqa: E402
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402

bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
