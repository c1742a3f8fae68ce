"""The database: its tables, its migrations, and everything that writes to it."""
