"""Decide which readings are one entry: pure functions of the whole set of readings.

A reading is what one or more captures show of an entry: its keys and its wording.
"""
