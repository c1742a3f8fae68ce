"""Files of raw captures: ours and those of others."""
