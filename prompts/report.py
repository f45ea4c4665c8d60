"""The recogniser's report in Markdown."""

from collections.abc import Sequence
from statistics import mean, median

from prompts.recognise import Hearing

MENU_BOUND = 0.20  # the median word error rate that Indonesian menus must not exceed

_TITLE = "# What a recogniser hears in the prompts"
_METHOD = """\
Written by `kring prompts recognise --report docs/prompts-report.md`. Multilingual Whisper base (int8,
beam 5, temperature 0, language given) listens to the committed 8 kHz audio, values being samples.
Word error rate: words changed, dropped or added, over the words said. Both sides are brought to lower
case, numerals to words of the language, punctuation to spaces; then spellings of the same sounds
(`prompts/heard.yaml`, e.g. `n p w p` and `npwp`) to one. *Strict* leaves that last step out. A menu is
a prompt that says which key to press (`tekan`)."""
_SUMMARY_HEAD = "| prompts | number | median | mean | worst | median, strict |\n|---|---|---|---|---|---|"
_DETAIL_HEAD = "| WER | strict | language | prompt | said | heard |\n|---|---|---|---|---|---|"


def report(hearings: Sequence[Hearing], audio: str) -> str:
    """Write the report: the medians first, then each prompt, the worst on top.

    `audio` is the manifest's digest, which shows whether the report is about the audio at hand.
    """
    groups = {
        "Indonesian menus": [one for one in hearings if one.menu and one.language == "id"],
        "all Indonesian": [one for one in hearings if one.language == "id"],
        "all English": [one for one in hearings if one.language == "en"],
    }
    rows = [_summary(title, group) for title, group in groups.items() if group]
    worst_first = sorted(hearings, key=lambda one: (-one.rate, one.language, one.name))
    return "\n".join(
        [
            *(
                _TITLE,
                "",
                _METHOD,
                "",
                _SUMMARY_HEAD,
                *rows,
                "",
                verdict(hearings),
                "",
                f"Audio: {audio}",
                "",
                "## Every prompt",
                "",
            ),
            *(_DETAIL_HEAD, *(_detail(one) for one in worst_first), ""),
        ]
    )


def verdict(hearings: Sequence[Hearing]) -> str:
    """Say in a sentence whether the Indonesian menus keep the bound."""
    rates = [one.rate for one in hearings if one.menu and one.language == "id"]
    if not rates:
        return "No Indonesian menu was heard."
    word = "holds" if median(rates) <= MENU_BOUND else "is MISSED"
    return f"Bound for the median of the Indonesian menus: {MENU_BOUND:.0%}. It {word}: {median(rates):.1%}."


def _summary(title: str, group: Sequence[Hearing]) -> str:
    rates = [one.rate for one in group]
    figures = (median(rates), mean(rates), max(rates), median(one.strict_rate for one in group))
    return f"| {title} | {len(group)} | {' | '.join(f'{figure:.1%}' for figure in figures)} |"


def _detail(one: Hearing) -> str:
    name = f"{one.name} (menu)" if one.menu else one.name
    return f"| {one.rate:.0%} | {one.strict_rate:.0%} | {one.language} | {name} | {one.said} | {one.heard} |"
