"""What is made of the archive for other programs."""
