"""Keep the date of an entry with it, in the order in which entries are listed.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the date of the entry's latest wording, with an index: the newest come first."""
    op.add_column("entry", sa.Column("date", sa.Text(), nullable=True))
    op.execute("UPDATE entry SET date = (SELECT date FROM wording WHERE id = entry.wording_id)")
    op.create_index("entry_date", "entry", ["date"], unique=False)
