"""Store attempts to fetch a capture, its run and crawl, and what makes lists of entries fast.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns and tables; fill those that follow from what is stored."""
    for name, kind in _CAPTURE_COLUMNS:
        op.add_column("capture", sa.Column(name, kind, nullable=True))
    op.add_column("orphan", sa.Column("settled", sa.Integer(), nullable=True))
    op.add_column("orphan", sa.Column("is_revisit", sa.Integer(), nullable=True))
    op.execute(_FILL_REVISITS)
    op.create_index("capture_run", "capture", ["run_id"], unique=False)
    op.add_column("listing", sa.Column("listed_at", sa.Text(), nullable=True))
    op.add_column("listing", sa.Column("previous_rows", sa.Integer(), nullable=True))
    op.add_column("entry", sa.Column("office", sa.Text(), nullable=True))
    op.add_column("entry", sa.Column("revisions", sa.Integer(), nullable=True))
    op.execute(_FILL_ENTRIES)
    op.add_column("reading", sa.Column("cut_of", sa.Integer(), nullable=True))
    op.add_column("sighting", sa.Column("ends_page", sa.Integer(), nullable=True))
    op.create_index(
        "sighting_end", "sighting", ["reading_id"], unique=False, sqlite_where=sa.text("ends_page")
    )
    op.create_index("entry_office", "entry", ["office", "date"], unique=False)
    op.create_index(
        "entry_revised", "entry", ["last_seen"], unique=False, sqlite_where=sa.text("revisions > 1")
    )
    _create_tables()


def _create_tables() -> None:
    op.create_table(
        "crowd",
        sa.Column("wording_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("capture_id", sa.Integer(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("verified_at", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("damages", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
    )


_CAPTURE_COLUMNS = (
    ("run_id", sa.Integer()),
    ("crawl", sa.Text()),
    ("fault", sa.Text()),
    ("attempts", sa.Integer()),
    ("tried_at", sa.Text()),
    ("retry_at", sa.Text()),
    ("redirected_from", sa.Text()),
    ("lost_at", sa.Text()),
    ("is_revisit", sa.Integer()),
)
# Of the captures of a page with the same bytes, all but the first stored one are revisits.
_FILL_REVISITS = """
UPDATE capture SET is_revisit = 1 WHERE EXISTS
    (SELECT 1 FROM capture AS first
     WHERE first.payload_digest = capture.payload_digest AND first.page = capture.page
       AND (first.warc_file, first.warc_offset) < (capture.warc_file, capture.warc_offset))
"""
_FILL_ENTRIES = """
UPDATE entry SET
    office = (SELECT office FROM capture WHERE capture.id = entry.last_capture_id),
    revisions = (SELECT count(DISTINCT wording_id) FROM reading WHERE reading.entry_id = entry.id)
"""
