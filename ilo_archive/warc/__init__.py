"""WARC files: the store that this program writes, and files from elsewhere."""
