"""What scripts/bench measures: the engine, the deck, the cost model and the export, beside what people would use instead."""
