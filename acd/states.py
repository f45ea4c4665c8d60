"""The state tables of agents, calls in the room, offers and wrap-up.

What an agent declared and what the system observes are two tables: a declaration never makes a
phone ring, and a phone never signs anybody in. Together they say whether an agent can be offered
a call (`can_be_offered`).
"""

from __future__ import annotations

from acd.machine import table

DECLARED = table(
    "declared",
    "What an agent declared, by page, dial code or command line; a supervisor may declare it for them.",
    {
        "signed_out": "not at work",
        "paused": "at work, takes no calls; a reason with a limit goes with it",
        "ready": "wants calls",
        "leaving": "signed out while a call is on: the call goes on, then signed out",
    },
    {
        "sign_in": "the agent signs in; not yet ready",
        "ready": "the agent asks for calls",
        "pause": "the agent pauses with a reason, or a supervisor pauses them",
        "missed_ring": "the system pauses an agent whose phone rang in vain",
        "sign_out": "the agent signs out, no call on",
        "sign_out_later": "the agent signs out while a call is on",
        "call_over": "the agent's last call and its wrap-up are over",
    },
    """
    signed_out + sign_in -> paused
    leaving + sign_in -> paused
    paused + ready -> ready
    leaving + ready -> ready
    ready, leaving + pause -> paused
    ready + missed_ring -> paused
    ready, paused, leaving + sign_out -> signed_out
    ready, paused + sign_out_later -> leaving
    leaving + call_over -> signed_out
    """,
    """
    sign_in: ready, paused = is signed in
    ready: ready, signed_out = ready already, or must sign in first
    pause: signed_out, paused = nothing to pause; a new reason is recorded without a change of state
    missed_ring: * = takes no calls anyway
    sign_out: signed_out = is signed out
    sign_out_later: signed_out, leaving = is on the way out
    call_over: signed_out, paused, ready = what was declared still holds
    """,
)

OBSERVED = table(
    "observed",
    "What the system observes of an agent: derived from the phone, the channels and the bridges.",
    {
        "phone_gone": "no phone can be reached",
        "idle": "a phone is there, nothing on it",
        "offered": "the phone rings for an offer",
        "joining": "answered; not yet joined with the caller",
        "talking": "joined with a caller",
        "holding": "the caller hears music, the agent's leg stays",
        "consulting": "the caller hears music while the agent speaks with a third party",
        "rejoining": "their line died in a talk; their phone is rung to take them back into it",
        "wrap_up": "after the call; a time runs",
        "busy_otherwise": "on a call of their own, not from the room",
    },
    {
        "phone_seen": "a phone registered or can be reached again",
        "phone_lost": "the last phone cannot be reached, or its leg died with it",
        "line_cut": "the line died in a talk, which is kept for them a while",
        "rejoin_over": "not back in time, or the phone refused: the talk is theirs no more",
        "offer": "the phone starts ringing",
        "offer_void": "the offer was withdrawn or rang in vain",
        "answer": "the agent answered and claimed the offer",
        "joined": "agent and caller are in one bridge, again after a cut",
        "hold": "the agent puts the caller on hold",
        "unhold": "the agent takes the caller back",
        "consult": "the agent calls a third party",
        "consult_over": "back with the caller",
        "call_ended": "the call is over for this agent: hung up or handed on",
        "wrap_up_over": "the wrap-up time ended, or the agent ended it",
        "own_call": "the agent dials, or is rung as a supervisor who listens",
        "consulted": "a colleague's consultation has reached them",
        "released": "a consultation or conference is over for its third party: nothing to note",
        "take_call": "a call is theirs from now on: taken over, or found after a restart",
    },
    """
    phone_gone + phone_seen -> idle
    idle, offered, joining, talking, holding, consulting, wrap_up, busy_otherwise + phone_lost -> phone_gone
    talking, holding, consulting + line_cut -> rejoining
    rejoining + joined -> talking
    rejoining + rejoin_over -> idle
    idle + offer -> offered
    offered, joining + offer_void -> idle
    offered + answer -> joining
    joining + joined -> talking
    talking + hold -> holding
    holding + unhold -> talking
    talking, holding + consult -> consulting
    consulting + consult_over -> talking
    talking, holding, consulting, rejoining + call_ended -> wrap_up
    joining + call_ended -> idle
    busy_otherwise + call_ended -> idle
    wrap_up + wrap_up_over -> idle
    idle, wrap_up, phone_gone + own_call -> busy_otherwise
    joining + consulted -> consulting
    consulting, talking + released -> idle
    phone_gone, idle, busy_otherwise + take_call -> talking
    """,
    """
    phone_seen: * = a phone was there already
    phone_lost: phone_gone, rejoining = was lost already
    line_cut: * = only a talk is kept
    rejoin_over: * = was over
    offer: * = crossed with a change on the phone; the matcher hears `away` and gives the call back
    offer_void: * = the offer had ended otherwise
    answer: * = the claim came too late; the leg is hung up
    joined: * = the bridge event came after the call had ended
    hold: * = nobody to hold
    unhold: * = nobody on hold
    consult: * = only with a caller on the line
    consult_over: * = was over
    call_ended: phone_gone, idle, offered, wrap_up = the end was seen on another leg first
    wrap_up_over: * = the timer crossed with the agent's own end of it
    own_call: * = the phone is taken; the leg belongs to the call already known
    consulted: * = the end was seen first
    released: * = the end was seen first
    take_call: * = has a call
    """,
)

CALL = table(
    "call",
    "A call in the room. Its time of entry, and so its place, is the same in every state.",
    {
        "waiting": "in line",
        "offered": "an agent's phone rings for it",
        "claimed": "an agent answered; not yet joined",
        "joined": "with an agent; out of line",
        "rejoining": "its agent's line died; kept for them a while, in music or with a third party",
        "left": "gone from the room, with one reason",
    },
    {
        "offer": "the matcher chose an agent",
        "offer_failed": "rang in vain, refused, agent away or lease ended",
        "claim": "the agent answered in time",
        "join": "caller and agent are in one bridge",
        "line_cut": "the agent's line died while talking; the caller is still there",
        "restored": "the agent is back, or the third party has the call from now on",
        "agent_lost": "the agent is lost to the talk: not back in time, or had no time for it",
        "transfer": "the agent hands the call to a queue, skill or tier",
        "leave": "the caller hung up, the limit was reached, the line was shut, or the talk ended",
    },
    """
    waiting + offer -> offered
    offered, claimed + offer_failed -> waiting
    offered + claim -> claimed
    claimed + join -> joined
    joined + line_cut -> rejoining
    rejoining + restored -> joined
    joined, rejoining + agent_lost -> waiting
    joined + transfer -> waiting
    waiting, offered, claimed, joined, rejoining + leave -> left
    """,
    """
    offer: * = one offer at a time
    offer_failed: * = the offer had ended otherwise
    claim: * = claimed once, by number
    join: * = only after a claim
    line_cut: * = only a talk is kept
    restored: * = was over
    agent_lost: * = told by the offer's own failure, or too late
    transfer: * = only an agent transfers
    leave: left = every call ends in exactly one reason
    """,
)

OFFER = table(
    "offer",
    "One offer of one call to one agent, under one number, under a lease in every state but the last two.",
    {
        "ringing": "the lease is the ring time",
        "claimed": "answered; the lease is the time to be joined",
        "accepted": "joined; over",
        "void": "over without a match: the call is back in its place, or gone",
    },
    {
        "claim": "the agent answered, naming the offer's number",
        "lease_ended": "the time ran out",
        "refused": "the phone rejected the call or could not be rung",
        "agent_away": "the agent paused, signed out, or the phone died",
        "caller_left": "the caller hung up or the limit was reached",
        "join": "caller and agent are in one bridge",
    },
    """
    ringing + claim -> claimed
    ringing, claimed + lease_ended -> void
    ringing, claimed + refused -> void
    ringing, claimed + agent_away -> void
    ringing, claimed + caller_left -> void
    claimed + join -> accepted
    """,
    """
    claim: * = the second claim of a number fails: the leg is hung up
    lease_ended: * = the timer crossed with the end
    refused: * = the offer had ended otherwise
    agent_away: * = no longer concerns the offer
    caller_left: * = no longer concerns the offer
    join: * = only after a claim
    """,
)

WRAP_UP = table(
    "wrap_up",
    "The time after a call for its note (ACW).",
    {
        "running": "the time runs",
        "extended": "the agent asked for more, once",
        "over": "ended by the agent or by the time",
    },
    {
        "extend": "the agent asks for more time",
        "end": "the agent is done early",
        "time_up": "the time is over",
        "phone_lost": "the phone cannot be reached",
    },
    """
    running + extend -> extended
    running, extended + end -> over
    running, extended + time_up -> over
    running, extended + phone_lost -> over
    """,
    """
    extend: extended, over = one extension a call
    end: over = was over
    time_up: over = crossed with the agent's own end of it
    phone_lost: over = was over
    """,
)

MACHINES = (DECLARED, OBSERVED, CALL, OFFER, WRAP_UP)


def can_be_offered(declared: str, observed: str) -> bool:
    """Return whether an agent may be given to the matcher as free."""
    return declared == "ready" and observed == "idle"
