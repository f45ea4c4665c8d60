"""The way of a complaint, as a table: the same steps in every version, their days are dated data."""

from acd.machine import table

_STEPS = """completeness, completeness_validation, disposition, analysis, distribution, assignment, answer,
    answer_validation, final_disposition, confirmation, outcome_validation, closing"""

COMPLAINT = table(
    "complaint",
    "A complaint, from its filing to its closing, by SE-11/PJ/2019 and its successor.",
    {
        "completeness": "KLIP completes what the complaint says",
        "completeness_validation": "KLIP validates that it is complete",
        "disposition": "P2 Humas decides who analyses it",
        "analysis": "P2 Humas analyses it",
        "distribution": "P2 Humas sends it to the reported unit",
        "assignment": "the reported unit decides who answers",
        "answer": "the reported unit answers",
        "answer_validation": "P2 Humas validates the answer",
        "final_disposition": "KLIP decides who confirms with the reporter",
        "confirmation": "KLIP tells the reporter the outcome and asks whether it settles the matter",
        "outcome_validation": "P2 Humas validates the outcome",
        "closing": "P2 Humas closes it",
        "closed": "over, with a disposition",
        "withdrawn": "the reporter took it back",
    },
    {
        "forward": "the step is done",
        "send_back": "the step before has to be done again",
        "close": "it ends, with a disposition",
        "withdraw": "the reporter takes it back",
        "reopen": "something new came after it was over: it begins again with what it says",
    },
    f"""
    completeness + forward -> completeness_validation
    completeness_validation + forward -> disposition
    disposition + forward -> analysis
    analysis + forward -> distribution
    distribution + forward -> assignment
    assignment + forward -> answer
    answer + forward -> answer_validation
    answer_validation + forward -> final_disposition
    final_disposition + forward -> confirmation
    confirmation + forward -> outcome_validation
    outcome_validation + forward -> closing
    completeness_validation + send_back -> completeness
    assignment + send_back -> distribution
    answer_validation + send_back -> answer
    outcome_validation + send_back -> confirmation
    completeness, completeness_validation, analysis, closing + close -> closed
    {" ".join(_STEPS.split())} + withdraw -> withdrawn
    closed, withdrawn + reopen -> completeness
    """,
    """
    forward: * = the last step closes it, or it is over
    send_back: * = only a step that judges another one's work sends it back
    close: * = it ends before its way only where it is judged
    withdraw: * = it is over
    reopen: * = it is not over
    """,
)
STEPS = tuple(step.strip() for step in _STEPS.split(","))
OVER = frozenset({"closed", "withdrawn"})
