"""Readings that are made apart from recording: ahead of it, or by other machines."""
