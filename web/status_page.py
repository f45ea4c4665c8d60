"""The status page: what the line does now, in Indonesian or English, without personal data."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from web.html_table import table
from web.operations import Line, LiveCall, Readiness

WIB = ZoneInfo("Asia/Jakarta")

TEXTS = {
    "id": {
        "title": "Kring Pajak 1500200",
        "ready": "Siap menerima panggilan",
        "not_ready": "Belum siap",
        "open": "Saluran buka",
        "closed": "Saluran tutup",
        "shut": "Saluran ditutup oleh administrator",
        "until": "sampai",
        "calls": "Panggilan di dalam",
        "none": "Tidak ada.",
        "by_step": "Menurut langkah",
        "by_queue": "Antrean",
        "step": "Langkah",
        "queue": "Antrean",
        "count": "Jumlah",
        "longest": "Terlama",
        "dial": "Nomor untuk dihubungi",
        "shut_button": "Tutup saluran sekarang",
        "reopen_button": "Buka kembali sesuai jadwal",
        "versions": "Versi",
        "minutes": "mnt",
    },
    "en": {
        "title": "Kring Pajak 1500200",
        "ready": "Ready for calls",
        "not_ready": "Not ready",
        "open": "The line is open",
        "closed": "The line is closed",
        "shut": "An administrator closed the line",
        "until": "until",
        "calls": "Calls inside",
        "none": "None.",
        "by_step": "By step",
        "by_queue": "Queues",
        "step": "Step",
        "queue": "Queue",
        "count": "Calls",
        "longest": "Longest",
        "dial": "Dial",
        "shut_button": "Close the line now",
        "reopen_button": "Open again by the timetable",
        "versions": "Versions",
        "minutes": "min",
    },
}

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:1.8rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8886}
td.number,th.number{text-align:right}
.good,.bad{display:inline-block;padding:.15rem .6rem;border-radius:.3rem;font-weight:600;color:#fff}
.good{background:#186a3b}.bad{background:#922b21}
button{font:inherit;padding:.5rem 1rem}code{font-size:1rem}small{opacity:.75}
"""


def status_page(
    language: str,
    readiness: Readiness,
    line: Line,
    calls: Sequence[LiveCall],
    dial: Iterable[str],
    now: datetime,
    token: str,
    floor: str = "",
) -> str:
    """Return the page as HTML. `floor`: what `web.floor_table` made of the floor."""
    texts = TEXTS[language]
    parts = [
        f"<h1>{texts['title']}</h1>",
        _state(texts, readiness),
        _line(texts, line, token),
        f"<h2>{texts['dial']}</h2><p>" + "<br>".join(f"<code>{escape(one)}</code>" for one in dial) + "</p>",
        floor,
        _calls(texts, calls, now, queues=not floor),
        f"<p><small>{texts['versions']}: "
        + escape(", ".join(f"{name} {value}" for name, value in readiness.facts.items()))
        + f" · {now.astimezone(WIB):%d-%m-%Y %H:%M:%S} WIB</small></p>",
    ]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="5">'
        f"<title>{texts['title']}</title><style>{_STYLE}</style></head><body><main>"
        + "".join(parts)
        + "</main></body></html>"
    )


def _state(texts: dict[str, str], readiness: Readiness) -> str:
    if readiness.ready:
        return f'<p><span class="good">{texts["ready"]}</span></p>'
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in readiness.reasons)
    return f'<p><span class="bad">{texts["not_ready"]}</span></p><ul>{reasons}</ul>'


def _line(texts: dict[str, str], line: Line, token: str) -> str:
    state = texts["shut"] if line.shut else texts["open"] if line.open else texts["closed"]
    until = (
        f" {texts['until']} {line.until.astimezone(WIB):%d-%m-%Y %H:%M} WIB"
        if line.until and not line.shut
        else ""
    )
    action, button = ("/line/open", "reopen_button") if line.shut else ("/line/close", "shut_button")
    return (
        f'<p><span class="{"good" if line.open else "bad"}">{state}</span>{until}</p>'
        f'<form method="post" action="{action}"><input type="hidden" name="token" value="{escape(token)}">'
        f"<button>{texts[button]}</button></form>"
    )


def _calls(texts: dict[str, str], calls: Sequence[LiveCall], now: datetime, *, queues: bool) -> str:
    head = f"<h2>{texts['calls']}: {len(calls)}</h2>"
    if not calls:
        return f"{head}<p>{texts['none']}</p>"
    steps = Counter(f"{call.flow} / {call.step}" for call in calls)
    inside_of: dict[str, list[LiveCall]] = {}
    for call in calls:
        if call.queue is not None:
            inside_of.setdefault(call.queue, []).append(call)
    waiting = [
        (queue, str(len(inside)), _minutes(texts, min(call.since for call in inside), now))
        for queue, inside in sorted(inside_of.items())
    ]
    html = head + f"<h3>{texts['by_step']}</h3>"
    html += table((texts["step"], texts["count"]), ((s, str(n)) for s, n in sorted(steps.items())))
    if waiting and queues:
        html += f"<h3>{texts['by_queue']}</h3>"
        html += table((texts["queue"], texts["count"], texts["longest"]), waiting)
    return html


def _minutes(texts: dict[str, str], since: datetime, now: datetime) -> str:
    return f"{(now - since).total_seconds() / 60:.0f} {texts['minutes']}"
