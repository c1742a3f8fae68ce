"""From the tree of an HTML page to blocks."""
