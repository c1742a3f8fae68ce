"""Show lifelines per page, and the captures, in the views.

The tables stay as they are; the views are recreated after every migration.

Revision ID: 0006
"""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Change no table."""
