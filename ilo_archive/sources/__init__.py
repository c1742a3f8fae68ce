"""Parsers of the answers of web archives and their indexes. The spiders send the requests."""
