"""Spiders: each fetches captures from one kind of source."""
