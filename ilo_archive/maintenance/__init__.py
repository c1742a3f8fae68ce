"""Read stored captures again, and recover a lost database."""
