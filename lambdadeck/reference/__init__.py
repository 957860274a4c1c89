"""Facts published by AWS and by others: runtimes, measured cold starts."""
