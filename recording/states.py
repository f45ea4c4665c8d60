"""The state table of a recording."""

from __future__ import annotations

from enum import StrEnum

from acd.machine import table


class State(StrEnum):
    """Where a recording stands."""

    PLANNED = "planned"
    STARTED = "started"
    STOPPED = "stopped"
    VERIFIED = "verified"
    SEALED = "sealed"
    HELD = "held"
    DESTROYED = "destroyed"
    LOST = "lost"


RECORDING = table(
    "recording",
    "One call's recording, from the decision to record it to its end.",
    {
        "planned": "to be recorded, nothing is on disk yet; after 2 s an alarm is raised",
        "started": "Asterisk records: both sides grow as plain audio",
        "stopped": "no more is written; the plain audio waits for the worker",
        "verified": "bytes were held against the talk, headers repaired, the digest is on record",
        "sealed": "encrypted in the store; no plain audio is left",
        "held": "sealed, and must not be destroyed",
        "destroyed": "key and stored bytes are gone; the rows stay",
        "lost": "there is no audio; cause and extent are on record",
    },
    {
        "start": "Asterisk took the order to record",
        "stop": "the call, or the wish to record it, ended; or Asterisk died",
        "verify": "the files were looked at and can be used",
        "seal": "the encrypted object is in the store",
        "hold": "it must not be destroyed until further notice",
        "release": "the last hold was lifted",
        "destroy": "the retention table or the law asks for its end",
        "lose": "nothing that can be used exists",
    },
    """
    planned + start -> started
    planned, started, stopped + lose -> lost
    started + stop -> stopped
    stopped + verify -> verified
    verified + seal -> sealed
    sealed + hold -> held
    held + release -> sealed
    sealed + destroy -> destroyed
    """,
    """
    start: * = it was told before; a recording starts once
    stop: * = nothing is being written
    verify: * = verified before, or there is nothing to verify
    seal: * = sealed before, or there is nothing to seal
    hold: * = held already; before it is sealed nothing destroys it, and what is gone cannot be held
    release: * = no hold is on it
    destroy: * = a hold forbids it, it is not sealed yet, or it is gone
    lose: * = what was verified is not lost: a damaged object is a finding of the scan, not an end
    """,
)
