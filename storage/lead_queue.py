"""The query that finds the next leads: along the index `leads_due`, for each batch, zone and rank apart.

One range of the index each, in the order of leasing, merged: what is not due yet, done or of another
campaign is never read, however many millions there are. Leads on lease are passed over; they are few.
"""

from functools import lru_cache

import sqlalchemy as sa

from storage.tables import UtcTime

# `state = 'ready'` is written out: that is what makes it a query of the partial index. So is the number of
# rows: PostgreSQL plans by it. No branch has a limit of its own: they are merged as they are read, and no
# more is read of any than is wanted.
_BRANCH = """
SELECT lead_id, due_at FROM leads
WHERE state = 'ready' AND batch_id = :batch{n} AND zone = :zone{n} AND rank = :rank AND due_at <= :now
  AND COALESCE((SELECT until FROM lead_leases WHERE lead_leases.lead_id = leads.lead_id), :now) <= :now
  AND (owner = '' OR owner = :owner OR anyone_from <= :now)
"""
_ORDER = "ORDER BY due_at, lead_id"
_APART = f"(SELECT * FROM ({{branch}}{_ORDER} OFFSET 0) AS b{{n}})"  # noqa: S608 - numbers are filled in
_MERGED = f"SELECT lead_id, due_at FROM ({{branches}}) AS due {_ORDER} LIMIT {{most}}"  # noqa: S608 - as above

IN_ORDER = sa.text(
    "SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true), "
    "set_config('enable_seqscan', 'off', true), set_config('max_parallel_workers_per_gather', '0', true), "
    "set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true), "
    "set_config('synchronous_commit', 'off', true)"
)
"""For PostgreSQL, before the query and for its transaction alone: it is to walk along the index, also where
its statistics are too old to know that it is the shortest way. Planning takes longer than the walk, so that a
prepared query is planned once: the plan is the same for every value. Nor does a lease wait for the disk: one
that is lost with the server is missed by the gate, which asks for it before every dial."""


AT_ONCE = 64
"""Pairs in one query at most: SQLite takes no more than 500 branches, and planning takes its time."""


@lru_cache(maxsize=256)
def due_statement(places: int, most: int, *, sqlite: bool) -> sa.TextualSelect:
    """Return the query for so many pairs of batch and zone: ids and times of at most `most` leads, in order.

    Parameters: `batch0`, `zone0`, `batch1`, …, `rank`, `owner`, and `now`, an aware time.
    """
    branches = [_BRANCH.format(n=n) for n in range(places)]
    if sqlite:  # merges the branches of a union that is ordered
        text = f"{'UNION ALL'.join(branches)}{_ORDER} LIMIT {int(most)}"
    else:  # merges branches that are in order, which they stay where OFFSET keeps them apart
        apart = [_APART.format(branch=one, n=n) for n, one in enumerate(branches)]
        text = _MERGED.format(branches=" UNION ALL ".join(apart), most=int(most))
    asked = sa.text(text).bindparams(sa.bindparam("now", type_=UtcTime))
    return asked.columns(lead_id=sa.Integer, due_at=UtcTime)
