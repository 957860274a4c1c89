"""Other AWS services, as the engine uses them: the private names of ministack that it needs."""
