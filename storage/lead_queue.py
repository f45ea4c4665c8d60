"""The query that finds the next leads: along the index `leads_due`, for each batch, zone and rank apart.

One range of the index each, in the order of leasing, merged: what is not due yet, done or of another
campaign is never read, however many millions there are. Leads on lease are passed over; they are few.
"""

from functools import lru_cache

import sqlalchemy as sa

from storage.tables import UtcTime

# `state = 'ready'` is written out: that is what makes it a query of the partial index. So is the number
# of rows: PostgreSQL plans by it.
_BRANCH = """
SELECT * FROM (
  SELECT lead_id, due_at FROM leads
  WHERE state = 'ready' AND batch_id = :batch{n} AND zone = :zone{n} AND rank = :rank AND due_at <= :now
    AND (leased_until IS NULL OR leased_until <= :now)
    AND (owner = '' OR owner = :owner OR anyone_from <= :now)
  ORDER BY due_at, lead_id LIMIT {most}
) AS branch{n}
"""


@lru_cache(maxsize=256)
def due_statement(places: int, most: int) -> sa.TextualSelect:
    """Return the query for so many pairs of batch and zone: ids of at most `most` leads, in order.

    Parameters: `batch0`, `zone0`, `batch1`, …, `rank`, `owner`, and `now`, an aware time.
    """
    branches = " UNION ALL ".join(_BRANCH.format(n=n, most=int(most)) for n in range(places))
    text = f"SELECT lead_id FROM ({branches}) AS due ORDER BY due_at, lead_id LIMIT {int(most)}"  # noqa: S608 - of numbers alone
    return sa.text(text).bindparams(sa.bindparam("now", type_=UtcTime)).columns(lead_id=sa.Integer)
