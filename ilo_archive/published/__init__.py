"""The published copy: an archive as plain tables, for people and other programs."""
