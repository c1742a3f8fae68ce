"""From the bytes of a page to its `Page` and `Snapshot`."""
