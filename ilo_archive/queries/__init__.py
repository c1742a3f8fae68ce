"""Questions to the archive and their answers; read-only."""
