"""Questions to an archive and the types of their answers. Read-only."""
