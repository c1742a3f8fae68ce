"""Store the date of an entry in its row, with an index for sorted lists.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the date of the entry's latest wording, with an index: newest entries come first."""
    op.add_column("entry", sa.Column("date", sa.Text(), nullable=True))
    op.execute("UPDATE entry SET date = (SELECT date FROM wording WHERE id = entry.wording_id)")
    op.create_index("entry_date", "entry", ["date"], unique=False)
