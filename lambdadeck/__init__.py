"""AWS Lambda, live: the package that the notebooks import."""
