"""Leave offset lists out of the view `descriptions`: they do not describe their office.

Revision ID: 0008
"""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Change no table: the views are recreated with every migration."""
