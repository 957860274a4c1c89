"""The talk's deployments: Travis CI as of 2017, its successors, canary releases, Firehose."""
