"""Start Amazon's own runtime client, awslambdaric, on the function's handler.

Run with `-S` and absolute paths: a function can import its own code, its layers and what the
runtime holds (awslambdaric, boto3 and their dependencies), and nothing else.
"""

import gc
import os
import site
import sys

TASK_ROOT, RUNTIME_DIR, LAYERS = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.argv[1:] = []
sys.path[:1] = [TASK_ROOT, *LAYERS]
if RUNTIME_DIR not in sys.path:  # PYTHONPATH names it, unless the function sets another one
    sys.path.insert(1 + len(LAYERS), RUNTIME_DIR)

site.setquit()  # exit and quit, which -S leaves out

from awslambdaric import bootstrap  # noqa: E402  # after the path is set
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient  # noqa: E402

gc.freeze()
bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
