"""Find similar entries by date and text; store the decisions of researchers.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables. Readings without a rule are assigned by the first program that writes."""
    op.add_column("reading", sa.Column("rule", sa.Text(), nullable=True))
    op.add_column("reading", sa.Column("score", sa.Float(), nullable=True))
    op.add_column("reading", sa.Column("compared", sa.Text(), nullable=True))
    op.create_table(
        "clue",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", "wording_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "likeness",
        sa.Column("wording_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("wording_id", "other_id"),
        sqlite_with_rowid=False,
    )
    _create_decision()
    unplaced = sa.text("rule IS NULL")
    op.create_index("reading_unplaced", "reading", ["id"], sqlite_where=unplaced)


def _create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("capture_key", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("present_name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "part"),
    )
    op.create_index("decision_capture", "decision", ["capture_key"], unique=False)
    op.create_index("decision_name", "decision", ["present_name"], unique=False)
