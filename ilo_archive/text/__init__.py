"""What a text says: pure functions of `str`."""
