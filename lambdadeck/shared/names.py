"""How AWS writes the name of a function."""

import re

# A name, partial ARN or ARN, with or without a qualifier (Lambda API reference, FunctionName).
FUNCTION = re.compile(
    r"(?:(?:arn:[a-z-]+:lambda:[a-z0-9-]+:)?(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[A-Za-z0-9_-]+)(?::(?P<qualifier>[A-Za-z0-9$_-]+))?"
)
