"""Lists of taxpayers in the words of whoever asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from fastapi import Request

from dialer.imports import Inspection, Progress
from dialer.lists import Counts, ListState, RefusedRow, RowFate, RowReason, TaxpayerList
from dialer.mapping import ColumnUse, Role
from web.list_models import (
    ActView,
    ColumnView,
    CountsView,
    FoundView,
    ListDetail,
    ListView,
    ProgressView,
    ReasonView,
    RefusedView,
    SheetFound,
    UploadView,
    union,
)
from web.list_port import ListDoor, ListEvent, may_be_approved
from web.list_uploads import PIECE, Upload
from web.permissions import Permission
from web.visitor import Visitor

_MAY_BE_WITHDRAWN = frozenset({ListState.LOADED, ListState.APPROVED})
_SUPPRESSED = frozenset({RowReason.DO_NOT_CALL, RowReason.WRONG_NUMBER, RowReason.SOLVED})


def upload_view(one: Upload) -> UploadView:
    """Return a file on its way."""
    return UploadView(
        upload_id=one.upload_id,
        kind=one.kind,
        size=one.size,
        received=one.received,
        piece=PIECE,
        complete=one.complete,
    )


def found_view(upload_id: str, source: str, found: Inspection) -> FoundView:
    """Return what a file is."""
    proposed = found.proposed
    columns = []
    for header, sample in union((sheet.header, sheet.sample) for sheet in found.sheets).items():
        use = proposed.columns.get(header, ColumnUse(Role.IGNORED))
        columns.append(
            ColumnView(header=header, role=use.role, name=use.name, required=use.required, sample=sample)
        )
    return FoundView(
        upload_id=upload_id,
        kind=found.kind,
        size=found.size,
        encoding=found.encoding,
        separator=found.separator,
        rows=sum(sheet.rows for sheet in found.sheets),
        sheets=[
            SheetFound(
                name=sheet.name, rows=sheet.rows, chosen=not proposed.sheets or sheet.name in proposed.sheets
            )
            for sheet in found.sheets
        ],
        columns=columns,
        remembered=found.remembered,
        source=source,
    )


def list_view(one: TaxpayerList, names: Mapping[str, str], today: date) -> ListView:
    """Return a list."""
    order = one.order
    return ListView(
        list_id=one.list_id,
        title=order.title,
        requester=order.requester,
        unit=order.unit,
        order_number=order.order_number,
        legal_basis=order.legal_basis,
        cut_off=order.cut_off,
        expires_on=order.expires_on,
        expired=order.expires_on < today,
        source=order.source,
        kind=order.kind,
        state=one.state,
        counts=_counts(one.counts),
        loaded_by=names.get(one.loaded_by, one.loaded_by),
        loaded_at=one.loaded_at,
        approved_by=names.get(one.approved_by, one.approved_by),
        approved_at=one.approved_at,
    )


def fate_of(reason: RowReason) -> RowFate:
    """Return what becomes of a row for this reason."""
    if reason in _SUPPRESSED:
        return RowFate.SUPPRESSED
    return RowFate.DUPLICATE if reason.startswith("same_") else RowFate.REJECTED


def _counts(counts: Counts) -> CountsView:
    return CountsView(
        read=counts.read,
        accepted=counts.accepted,
        rejected=counts.rejected,
        duplicate=counts.duplicate,
        suppressed=counts.suppressed,
    )


class ListWords:
    """Lists in the words of whoever asks."""

    def __init__(self, door: ListDoor, request: Request, visitor: Visitor) -> None:
        self._door, self._visitor = door, visitor
        self._texts = door.shared.render.texts
        self._language = door.shared.render.language(request)

    def say(self, name: str) -> str:
        """Return a text."""
        return self._texts.say(self._language, name)

    def options(self, family: str, values: Iterable[str]) -> list[tuple[str, str]]:
        """Return values with their words, for a choice."""
        return [(str(value), self.say(f"{family}.{value}")) for value in values]

    def detail(
        self, one: TaxpayerList, progress: Progress, names: Mapping[str, str], acts: Sequence[ListEvent]
    ) -> ListDetail:
        """Return a list with everything about it."""
        may = self._visitor.reach
        return ListDetail(
            overview=list_view(one, names, self._door.today()),
            progress=self._progress(progress),
            reasons=self._reasons(one.reasons),
            acts=[self._act(act, names) for act in reversed(acts)],
            may_approve=may(Permission.LIST_APPROVE) is not None and may_be_approved(one, self._visitor),
            is_own=one.loaded_by == self._visitor.staff.staff_id,
            may_withdraw=may(Permission.LIST_APPROVE) is not None and one.state in _MAY_BE_WITHDRAWN,
            may_cancel=may(Permission.LIST_LOAD) is not None and one.state is ListState.LOADING,
            may_download=may(Permission.CAMPAIGN_RESULTS) is not None,
        )

    def refused(self, row: RefusedRow) -> RefusedView:
        """Return a row that was not accepted, without its cells."""
        return RefusedView(
            row=row.row,
            sheet=row.sheet,
            sheet_row=row.sheet_row or row.row,
            fate=row.fate,
            reason=row.reason,
            words=self.say(f"lists_reason.{row.reason}"),
            remedy=self.say(f"lists_remedy.{row.reason}"),
            column=row.column,
            value=row.value,
        )

    def _progress(self, progress: Progress) -> ProgressView:
        message = ""
        if progress.fault:
            fault = f"lists_fault.{progress.fault}"
            message = self.say(fault if fault in self._texts else "lists_fault.error")
        return ProgressView(
            state=progress.state,
            read=progress.read,
            about=progress.about,
            share=progress.share,
            fault=progress.fault,
            message=message,
        )

    def _reasons(self, reasons: Mapping[str, int]) -> list[ReasonView]:
        order = {reason: place for place, reason in enumerate(RowReason)}
        found = sorted((RowReason(word) for word in reasons), key=order.__getitem__)
        return [
            ReasonView(
                reason=reason,
                fate=fate_of(reason),
                words=self.say(f"lists_reason.{reason}"),
                remedy=self.say(f"lists_remedy.{reason}"),
                rows=reasons[reason],
            )
            for reason in found
        ]

    def _act(self, act: ListEvent, names: Mapping[str, str]) -> ActView:
        name = f"lists_act.{act.what}"
        words = self.say(name) if name in self._texts else act.what
        return ActView(at=act.at, who=names.get(act.who, act.who), words=words)
