"""What web archives and their indexes say: parsed here, asked for by the spiders."""
