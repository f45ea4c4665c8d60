"""Requests to be offline: several days in one, and what the agent has seen of the decision.

Revision ID: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TABLE = "offline_requests"


def upgrade() -> None:
    """Add the columns. Decisions made before are not news."""
    op.add_column(_TABLE, sa.Column("last_day", sa.Date))
    op.add_column(_TABLE, sa.Column("parts", sa.Text, nullable=False, server_default="[]"))
    op.add_column(_TABLE, sa.Column("seen", sa.Integer, nullable=False, server_default="1"))
    op.execute(f"UPDATE {_TABLE} SET seen = version")  # noqa: S608 - a name of ours
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {_TABLE}_days_fixed BEFORE UPDATE ON {_TABLE} "
            "WHEN NEW.last_day IS NOT OLD.last_day OR NEW.parts IS NOT OLD.parts "
            f"BEGIN SELECT RAISE(ABORT, 'what stands in {_TABLE} is append-only'); END"
        )
    else:
        # refuse_change() is migration 0001's.
        op.execute(
            f"CREATE TRIGGER {_TABLE}_days_fixed BEFORE UPDATE ON {_TABLE} FOR EACH ROW "
            "WHEN (NEW.last_day IS DISTINCT FROM OLD.last_day OR NEW.parts IS DISTINCT FROM OLD.parts) "
            "EXECUTE FUNCTION refuse_change()"
        )
