"""Events: pollers of queues and streams, filters, batches and what happens when they fail."""
