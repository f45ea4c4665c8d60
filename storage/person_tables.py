"""The tables of requests about one person, as the newest migration leaves them.

Requests have one current row each, never deleted; steps are append-only. Of a bundle only its removal is
noted later, of a restriction only its end.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from storage.tables import UtcTime, metadata

person_requests = Table(
    "person_requests",
    metadata,
    Column("request_id", String(32), primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),  # a recording.persons.Kind
    Column("state", String(16), nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("received_by", String(64), nullable=False),  # staff_id
    Column("due_at", UtcTime, nullable=False),
    Column("rule", String(80), nullable=False),
    Column("proven_by", String(32), nullable=False),
    Column("relation", String(32), nullable=False),
    Column("person_key", LargeBinary, nullable=False),  # of the NPWP, as a contact's
    Column("taxpayer_id", String(64), nullable=False),
    Column("sealed_asker", LargeBinary, nullable=False),
    Column("prepared_by", String(64), nullable=False),
    Column("lift_asked_by", String(64), nullable=False),
    Column("closed_at", UtcTime),
    Column("version", Integer, nullable=False),
)
_OPEN = person_requests.c.closed_at.is_(None)
Index("person_requests_open", person_requests.c.due_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("person_requests_by_time", person_requests.c.received_at)
Index("person_requests_by_person", person_requests.c.person_key)

person_steps = Table(
    "person_steps",
    metadata,
    Column("request_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),  # the request's version after it
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("sealed_note", LargeBinary),
)

person_bundles = Table(
    "person_bundles",
    metadata,
    Column("bundle_id", String(32), primary_key=True),
    Column("request_id", String(32), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("counts", Text, nullable=False),  # a JSON object: source → rows
    Column("keep_until", UtcTime, nullable=False),
    Column("removed_at", UtcTime),
)
_THERE = person_bundles.c.removed_at.is_(None)
Index("person_bundles_by_request", person_bundles.c.request_id, person_bundles.c.made_at)
Index("person_bundles_there", person_bundles.c.keep_until, sqlite_where=_THERE, postgresql_where=_THERE)

# Over whom a restriction stands: later calls are known by what proved or dialled this person.
person_restrictions = Table(
    "person_restrictions",
    metadata,
    Column("request_id", String(32), primary_key=True),
    Column("taxpayer_lookup", LargeBinary, nullable=False),  # as in proof_acts; empty: not in the register
    Column("person_key", LargeBinary, nullable=False),  # as in attempts
    Column("since", UtcTime, nullable=False),
    Column("lifted_at", UtcTime),
)
_STANDS = person_restrictions.c.lifted_at.is_(None)
Index(
    "person_restrictions_by_lookup",
    person_restrictions.c.taxpayer_lookup,
    sqlite_where=_STANDS,
    postgresql_where=_STANDS,
)
Index(
    "person_restrictions_by_key",
    person_restrictions.c.person_key,
    sqlite_where=_STANDS,
    postgresql_where=_STANDS,
)

# Calls that were found to be theirs when the restriction began, also those in which only an NPWP was keyed.
person_restricted_calls = Table(
    "person_restricted_calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("request_id", String(32), primary_key=True),
)
