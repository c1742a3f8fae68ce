"""Reading of short texts (datelines, credits, names of countries): pure functions of `str`."""
