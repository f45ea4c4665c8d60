"""The state tables of an attempt and of the engine. Diagrams in docs/dialer are drawn from them."""

from acd.machine import table

ATTEMPT = table(
    "attempt",
    "One dial on record. The database refuses every move that is not here.",
    {
        "intent": "on record, nothing sent",
        "dialing": "about to be sent, or sent: it rings or may ring",
        "unknown": "sent or not, alive or not: it is looked up, and never sent again",
        "answered": "the far end answered",
        "ended": "over, with its outcome",
        "not_sent": "certainly never sent; counts for nothing",
        "flagged": "could not be found out: counts as an attempt, a person looks at it",
    },
    {
        "send": "the last look before sending says yes, and the engine still holds its role",
        "refuse": "refused at the last look, or never handed to Asterisk",
        "doubt": "the order to dial had no answer, or the engine died over it",
        "find": "it lives in Asterisk",
        "answer": "the far end answered",
        "end": "its channel is gone, or the ledger of calls says how it ended",
        "give_up": "neither Asterisk nor the ledger knows what became of it",
        "tell": "more is told: who was joined, the agent's disposition",
    },
    """
    intent + send -> dialing
    intent, dialing + refuse -> not_sent
    dialing + doubt -> unknown
    unknown + find -> dialing
    dialing, unknown + answer -> answered
    dialing, unknown, answered + end -> ended
    dialing, unknown, answered + give_up -> flagged
    answered + tell -> answered
    ended + tell -> ended
    flagged + tell -> flagged
    """,
    """
    send: * = sent at most once, out of the intent alone
    refuse: * = was or may have been sent, or is over
    doubt: * = nothing sent yet, answered since, in doubt already, or over
    find: * = not in doubt
    answer: * = nothing was sent, answered already, or over
    end: * = nothing was sent, or the first end stays
    give_up: * = nothing was sent, or its end is known
    tell: * = nobody answered yet, so there is nothing to tell
    """,
)

ENGINE = table(
    "engine",
    "The engine of one Asterisk. It places calls in `running` alone.",
    {
        "starting": "Asterisk cannot be commanded, or another engine holds the role",
        "looking_up": "unfinished attempts are being looked up in Asterisk and in its ledger",
        "running": "dials",
        "cancelling": "barred: nothing new, and what rings is being cancelled",
        "paused": "barred: nothing new, and nothing rings",
    },
    {
        "back": "Asterisk can be commanded, and the role is ours",
        "lost": "Asterisk cannot be commanded any more, or the role is another's",
        "looked_up": "every unfinished attempt was looked up once",
        "bar": "kill switch, full disk, database gone, or a jump of the clock",
        "clear": "nothing bars it any more",
        "silent": "nothing rings any more",
    },
    """
    starting + back -> looking_up
    looking_up, running, cancelling, paused + lost -> starting
    looking_up + looked_up -> running
    looking_up, running + bar -> cancelling
    cancelling + silent -> paused
    cancelling, paused + clear -> looking_up
    """,
    """
    back: * = was back already
    lost: starting = was lost already
    looked_up: * = barred or lost meanwhile: it looks again afterwards
    bar: starting, cancelling, paused = dials nothing anyway; what bars it is remembered
    clear: * = nothing barred it
    silent: * = only what is being cancelled is waited for
    """,
)

MACHINES = (ATTEMPT, ENGINE)
