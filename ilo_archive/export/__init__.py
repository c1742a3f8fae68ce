"""Write archives for other programs."""
