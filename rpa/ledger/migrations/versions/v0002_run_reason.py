"""Runs are found by the code they ended with."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    given = sa.text("reason IS NOT NULL")
    op.create_index("run_reason", "run", ["reason", "created"], sqlite_where=given, postgresql_where=given)
