"""Plans of staffing: forecasts and what-ifs that were kept.

Revision ID: 0021
"""

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
