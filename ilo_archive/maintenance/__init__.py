"""Reading stored captures again, and recovering a lost database."""
