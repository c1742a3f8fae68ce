"""Take no offset list for a page that describes its office: the view `descriptions` changed.

Revision ID: 0008
"""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Change no table: the views are made anew with every migration."""
