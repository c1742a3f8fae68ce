"""Keep how a capture prints a wording where that differs from the print that is shown.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; captures recorded before count as printing what is shown."""
    op.add_column("sighting", sa.Column("printed", sa.Text(), nullable=True))
