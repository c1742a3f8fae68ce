"""Store how far listings came, their captures, and why a capture could not be fetched.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables and the column; listings of older programs start again."""
    op.add_column("capture", sa.Column("failure", sa.Text(), nullable=True))
    op.create_table(
        "listing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("archive", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("last", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("rows", "repeats", "repaired", "odd")
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("archive", "url", "first", "last"),
    )
    op.create_table(
        "listed",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"]),
        sa.ForeignKeyConstraint(["capture_id"], ["capture.id"]),
        sa.PrimaryKeyConstraint("listing_id", "capture_id"),
    )
    op.create_table(
        "turn",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("lane"),
    )
