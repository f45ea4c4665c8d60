"""A call's record in words, for people: Indonesian or English, times in WIB, digits masked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from domain.calls import EndReason, EventKind
from domain.masking import mask
from ivr.hours import WIB
from storage.call_reader import RecordedCall, RecordedEvent

# Longer runs of digits could be a taxpayer's or a telephone number, wherever they turn up.
_LONG_NUMBER = re.compile(r"[0-9]{8,}")
# What the machine needs to rebuild a call, and people rarely.
MACHINE = frozenset({EventKind.PLAYBACK_ENDED, EventKind.TIMER})

_Words = Mapping[EventKind, str]

_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        "id": {
            EventKind.STARTED: "Panggilan masuk ke {dialled}",
            EventKind.KEY: "Penelepon menekan satu tombol (•)",
            EventKind.PLAYBACK_ENDED: "Pemutaran {playback} selesai",
            EventKind.TIMER: "Batas waktu {timer} habis",
            EventKind.LOOKED_UP: "Jawaban: {answer}",
            EventKind.ROOM_LEFT: "Ruang tunggu melepas: {how}",
            EventKind.TALK_OVER: "Percakapan dengan petugas selesai: {how} {queue}",
            EventKind.HUNG_UP: "Penelepon menutup telepon (sebab {cause})",
            EventKind.STEP: "Langkah {step}",
            EventKind.PROMPT: "Diputar: {prompt} ({language})",
            EventKind.CHOSE: "Menu {menu}: tombol {key} menuju {target}",
            EventKind.COLLECTED: "{step}: {digits} angka diterima, {result} {masked}",
            EventKind.ASKED: "Ditanyakan: {look_up}",
            EventKind.SURVEYED: "Survei {question}: nilai {mark}",
            EventKind.QUEUED: "Masuk antrean {queue}",
            EventKind.DEQUEUED: "Keluar dari antrean {queue}: {how}",
            EventKind.ENDED: "Panggilan berakhir: {reason}",
            EventKind.RECOVERED: "Kendali kembali setelah layanan dimulai ulang",
        },
        "en": {
            EventKind.STARTED: "A call came in on {dialled}",
            EventKind.KEY: "The caller pressed a key (•)",
            EventKind.PLAYBACK_ENDED: "Playback {playback} ended",
            EventKind.TIMER: "Time limit {timer} ran out",
            EventKind.LOOKED_UP: "Answer: {answer}",
            EventKind.ROOM_LEFT: "The waiting room let go: {how}",
            EventKind.TALK_OVER: "The talk with the agent is over: {how} {queue}",
            EventKind.HUNG_UP: "The caller hung up (cause {cause})",
            EventKind.STEP: "Step {step}",
            EventKind.PROMPT: "Played: {prompt} ({language})",
            EventKind.CHOSE: "Menu {menu}: key {key} leads to {target}",
            EventKind.COLLECTED: "{step}: {digits} digits taken, {result} {masked}",
            EventKind.ASKED: "Asked: {look_up}",
            EventKind.SURVEYED: "Survey {question}: mark {mark}",
            EventKind.QUEUED: "Entered the queue {queue}",
            EventKind.DEQUEUED: "Left the queue {queue}: {how}",
            EventKind.ENDED: "The call ended: {reason}",
            EventKind.RECOVERED: "Control regained after the service was started again",
        },
    }
)

_REASONS: Mapping[str, Mapping[EndReason, str]] = MappingProxyType(
    {
        "id": {
            EndReason.COMPLETED: "alur selesai",
            EndReason.CALLER_HUNG_UP: "penelepon menutup telepon",
            EndReason.WAIT_EXPIRED: "batas tunggu tercapai",
            EndReason.CALLBACK: "penelepon akan dihubungi kembali",
            EndReason.CLOSED: "layanan tutup",
            EndReason.ABANDONED: "kami menelepon, tetapi tidak ada petugas",
            EndReason.LOST: "berakhir tanpa pengawasan",
            EndReason.FAILED: "gangguan sistem",
        },
        "en": {
            EndReason.COMPLETED: "the flow came to its end",
            EndReason.CALLER_HUNG_UP: "the caller hung up",
            EndReason.WAIT_EXPIRED: "the waiting limit was reached",
            EndReason.CALLBACK: "the caller will be called back",
            EndReason.CLOSED: "the line was closed",
            EndReason.ABANDONED: "we called, but no agent was there",
            EndReason.LOST: "it ended while nobody watched",
            EndReason.FAILED: "a fault of the system",
        },
    }
)

_HEADER = MappingProxyType(
    {
        "id": ("Panggilan", "Nomor tujuan", "Penelepon", "Versi alur", "Mulai", "Selesai"),
        "en": ("Call", "Dialled", "Caller", "Flow version", "Started", "Ended"),
    }
)
_RUNNING = MappingProxyType({"id": "berlangsung", "en": "running"})
_WITHHELD = MappingProxyType({"id": "disembunyikan", "en": "withheld"})


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def wib(at: datetime) -> str:
    """Return a time as it is shown: date and time to the second, WIB."""
    return at.astimezone(WIB).strftime("%Y-%m-%d %H:%M:%S")


def shown_data(event: RecordedEvent) -> dict[str, str]:
    """Return an event's values with every long number masked, except the dialled one."""
    return {
        name: value if name == "dialled" else _LONG_NUMBER.sub(lambda found: mask(found[0]), value)
        for name, value in event.data.items()
    }


def reason_in_words(reason: EndReason | None, language: str) -> str:
    """Return why a call ended; empty while it runs."""
    return "" if reason is None else _REASONS[language][reason]


def sentence(event: RecordedEvent, language: str) -> str:
    """Return what happened as a sentence."""
    values = _Blank(shown_data(event))
    if event.kind is EventKind.ENDED and values["reason"]:
        values["reason"] = reason_in_words(EndReason(values["reason"]), language)
    return _WORDS[language][event.kind].format_map(values).rstrip()


def timeline(
    call: RecordedCall, events: Sequence[RecordedEvent], language: str, *, everything: bool = False
) -> Iterator[str]:
    """Return a call's header and timeline as lines. `everything`: also the machine's own rows."""
    names = _HEADER[language]
    ended = _RUNNING[language]
    if call.ended_at is not None:
        why = reason_in_words(call.end_reason, language)
        ended = f"{wib(call.ended_at)} WIB ({call.seconds:.1f} s): {why}"
    values = (
        call.call_id,
        call.dialled,
        call.caller or _WITHHELD[language],
        call.flow_version,
        f"{wib(call.started_at)} WIB",
        ended,
    )
    width = max(len(name) for name in names)
    for name, value in zip(names, values, strict=True):
        yield f"{name:<{width}}  {value}"
    yield ""
    for event in events:
        if everything or event.kind not in MACHINE:
            after = (event.at - call.started_at).total_seconds()
            clock = event.at.astimezone(WIB).strftime("%H:%M:%S")
            yield f"{event.seq:4d}  {clock}  {after:+8.2f} s  {sentence(event, language)}"
