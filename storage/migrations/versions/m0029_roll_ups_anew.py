"""Roll-ups are made anew: being asked by a colleague counts as assisting, however the colleague was found.

Revision ID: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the service's next round make every roll-up from the event log."""
    days = sa.table("figure_days", sa.column("stale", sa.Boolean))
    op.execute(days.update().values(stale=True))
    op.execute("DELETE FROM figure_months")
