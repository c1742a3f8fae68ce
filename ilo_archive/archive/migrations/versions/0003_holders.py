"""Store the charset of a snapshot with its evidence, and one name for all forms of a holder.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from ilo_archive.text.credits import holders_of, shown_holders, surname

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and table, and enter the holders that sightings credit.

    The charset of a reading recorded before stays unknown until `reread --apply`.
    """
    op.add_column("snapshot", sa.Column("charset", sa.Text(), nullable=True))
    op.add_column("snapshot", sa.Column("charset_reason", sa.Text(), nullable=True))
    op.create_index("sighting_holder", "sighting", ["credit_holder"], unique=False)
    _enter_holders(_create_holder())


def _create_holder() -> sa.Table:
    table = op.create_table(
        "holder",
        sa.Column("credited", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("surname", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("credited", "form"),
    )
    op.create_index("holder_shown", "holder", ["shown"], unique=False)
    op.create_index("holder_surname", "holder", ["surname"], unique=False)
    return table


def _enter_holders(table: sa.Table) -> None:
    query = sa.text("SELECT DISTINCT credit_holder FROM sighting WHERE credit_holder IS NOT NULL")
    forms = [(each, form) for each in op.get_bind().scalars(query) for form in holders_of(each)]
    shown = shown_holders(form for _, form in forms)
    op.bulk_insert(
        table,
        [
            {"credited": each, "form": form, "surname": surname(form), "shown": shown[form]}
            for each, form in forms
        ],
    )
