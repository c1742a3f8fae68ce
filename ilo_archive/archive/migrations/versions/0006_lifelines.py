"""Tell lifelines per page and cite captures in the views.

The tables stay as they are; the views are made anew after every migration.

Revision ID: 0006
"""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change no table."""
