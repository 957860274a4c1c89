"""The page that runs: Pyodide, boto3 and the embedded Lambda inside the exported page."""
