"""Store the printed form of a sighting if another form of its wording is displayed.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; sightings recorded before count as printing the displayed form."""
    op.add_column("sighting", sa.Column("printed", sa.Text(), nullable=True))
