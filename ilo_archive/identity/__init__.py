"""Which readings are one entry: pure functions of the whole set."""
