"""Checks the manifest, scans both ways, and turns what was found into alarms.

It reads everything there is, so the service lets a process of its own do it by night
(`service.recording_check_process`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recording.manifest import Report
from recording.ports import Alarms
from recording.recordings import AlarmKind
from recording.scan import Found
from storage.recording_manifest import DurableManifest
from storage.recording_scan import Scanner

MANIFEST, SCAN = "manifest:", "scan:"  # what the details of these alarms begin with
_MOST = 200  # alarms of one check; more say how many


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found."""

    report: Report
    strays: Sequence[Found]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.report.sound and not self.strays


async def check_all(manifest: DurableManifest, scanner: Scanner, alarms: Alarms) -> Checked:
    """Check, scan, tell. Raises RecordingsUnavailable, OSError."""
    report = await manifest.check()
    await tell_manifest(alarms, report)
    strays = await scanner.scan()
    await tell_scan(alarms, strays)
    return Checked(report, strays)


async def tell_manifest(alarms: Alarms, report: Report) -> None:
    """Raise an alarm for each finding, clear those of what is well again. Raises RecordingsUnavailable."""
    wanted = [(AlarmKind.TAMPERED, "", f"{MANIFEST}{one.wrong}:{one.number}") for one in report.findings]
    await _tell(alarms, MANIFEST, wanted)


async def tell_scan(alarms: Alarms, strays: Iterable[Found]) -> None:
    """The same for what a scan found."""
    wanted = [(one.alarm, one.recording_id, f"{SCAN}{one.stray}") for one in strays]
    await _tell(alarms, SCAN, wanted)


async def _tell(alarms: Alarms, prefix: str, wanted: Sequence[tuple[AlarmKind, str, str]]) -> None:
    told = list(dict.fromkeys(wanted))
    if len(told) > _MOST:
        kind = told[_MOST][0]
        told = [*told[:_MOST], (kind, "", f"{prefix}more:{len(told) - _MOST}")]
    for kind, recording_id, detail in told:
        await alarms.raise_alarm(kind, recording_id, detail)
    for open_one in await alarms.open():
        key = open_one.kind, open_one.recording_id, open_one.detail
        if open_one.detail.startswith(prefix) and key not in told:
            await alarms.clear(*key)
