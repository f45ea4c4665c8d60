"""The pages of lists over doubles: files in a folder of the test, lists in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from dialer.imports import FileFault, FileKind, FileRefused, Inspection, Progress, SheetView
from dialer.lists import (
    Counts,
    ListChanged,
    ListState,
    Order,
    RefusedRow,
    Requester,
    RowFate,
    RowReason,
    SamePerson,
    TaxpayerList,
)
from dialer.mapping import ColumnMapping, ColumnUse, MappingFault, MappingRefused, Role
from domain.staff import Staff, StaffRole
from tests.web.page_parts import CSRF, PageParts, page_app
from web.errors import add_error_handlers
from web.list_port import ListDoor, ListPort
from web.list_routes import add_list_routes
from web.visitor import Visitor

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # 10.00 WIB
PEOPLE = {
    "manager": (StaffRole.CAMPAIGN_MANAGER, "a"),
    "second": (StaffRole.CAMPAIGN_MANAGER, "b"),
    "chief": (StaffRole.SUPERVISOR, "c"),
    "leader": (StaffRole.TEAM_LEADER, "d"),
    "agent": (StaffRole.AGENT, "e"),
}
CSV = b"NPWP,Nama,HP\r\n3201010101010001,Contoh Satu,081100000001\r\n"
HEADER = ("NPWP", "Nama", "HP")
ORDER: dict[str, str] = {
    "title": "Belum lapor SPT",
    "requester": "directorate_regular",
    "unit": "Direktorat Contoh",
    "order_number": "ND-1/2026",
    "legal_basis": "Ketentuan contoh",
    "cut_off": "2026-03-01",
    "expires_on": "2026-03-31",
    "source": "contoh-bulanan",
    "kind": "non_filer",
}
COLUMNS = {
    f"column_{place}_{name}": value
    for place, (header, role) in enumerate(zip(HEADER, ("npwp", "name", "number"), strict=True))
    for name, value in (("header", header), ("role", role), ("name", ""))
}


def a_list(list_id: str, by: str, state: ListState = ListState.LOADED, **change: Any) -> TaxpayerList:
    order = Order(
        "Belum lapor SPT",
        Requester.DIRECTORATE_REGULAR,
        "Direktorat Contoh",
        "ND-1/2026",
        "Ketentuan contoh",
        date(2026, 3, 1),
        date(2026, 3, 31),
        "contoh-bulanan",
        "non_filer",
    )
    counts = Counts(10, 6, 2, 1, 1)
    reasons = {"npwp_damaged": 2, "same_taxpayer_in_file": 1, "do_not_call": 1}
    return replace(TaxpayerList(list_id, order, state, counts, reasons, by, NOW), **change)


def _taken(file: Path, *, remove: bool) -> bytes:
    content = file.read_bytes()
    if remove:
        file.unlink()
    return content


def refused_row(list_id: str, row: int) -> RefusedRow:
    cells = ("3.20101E+15", "=HYPERLINK(1)", "+6281100000002")
    return RefusedRow(list_id, row, RowFate.REJECTED, RowReason.NPWP_DAMAGED, "NPWP", "…E+15", cells)


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    who: str
    what: str


@dataclass(slots=True)
class ListsDouble:
    """Lists and refused rows in memory."""

    lists: dict[str, TaxpayerList] = field(default_factory=dict)
    rows: dict[str, list[RefusedRow]] = field(default_factory=dict)
    events: dict[str, list[Event]] = field(default_factory=dict)

    async def all(self, most: int = 200) -> Sequence[TaxpayerList]:
        return list(self.lists.values())[:most]

    async def get(self, list_id: str) -> TaxpayerList:
        return self.lists[list_id]

    async def refused(self, list_id: str, after: int = 0, most: int = 200) -> Sequence[RefusedRow]:
        return [row for row in self.rows.get(list_id, []) if row.row > after][:most]

    async def approve(self, list_id: str, by: str, at: datetime) -> TaxpayerList:
        if self.lists[list_id].loaded_by == by:
            raise SamePerson
        self.events.setdefault(list_id, []).append(Event(at, by, "approved"))
        return self._move(list_id, ListState.LOADED, state=ListState.APPROVED, approved_by=by, approved_at=at)

    async def withdraw(self, list_id: str, by: str, at: datetime) -> TaxpayerList:
        if self.lists[list_id].state is ListState.WITHDRAWN:
            raise ListChanged
        self.events.setdefault(list_id, []).append(Event(at, by, "withdrawn"))
        return self._move(list_id, self.lists[list_id].state, state=ListState.WITHDRAWN)

    async def history(self, list_id: str) -> Sequence[Event]:
        return self.events.get(list_id, [])

    async def note_export(self, list_id: str, by: str, at: datetime) -> None:
        self.events.setdefault(list_id, []).append(Event(at, by, "exported"))

    async def header(self, list_id: str) -> Sequence[str]:
        _ = self.lists[list_id]
        return HEADER

    def _move(self, list_id: str, before: ListState, **change: Any) -> TaxpayerList:
        if self.lists[list_id].state is not before:
            raise ListChanged
        self.lists[list_id] = replace(self.lists[list_id], **change)
        return self.lists[list_id]


@dataclass(slots=True)
class ImportsDouble:
    """Looks at files and loads them, as told."""

    uploads: Path
    lists: ListsDouble
    fault: FileFault | None = None
    mapping_fault: MappingFault | None = None
    begun: list[tuple[Order, ColumnMapping, bytes]] = field(default_factory=list)
    reading: dict[str, Progress] = field(default_factory=dict)

    async def inspect(self, file: Path, file_name: str, source: str = "") -> Inspection:
        if self.fault is not None:
            raise FileRefused(self.fault, "Lembar1")
        uses = {"NPWP": ColumnUse(Role.NPWP), "Nama": ColumnUse(Role.NAME), "HP": ColumnUse(Role.NUMBER)}
        sheet = SheetView("", HEADER, 1, (("…0001", "C…", "…0001"),))
        return Inspection(
            FileKind.CSV, len(CSV), "utf-8", ",", (sheet,), ColumnMapping(uses), source == "lama"
        )

    async def begin(
        self,
        order: Order,
        mapping: ColumnMapping,
        file: Path,
        file_name: str,
        by: str,
        *,
        remove: bool = False,
    ) -> str:
        if self.mapping_fault is not None:
            raise MappingRefused(self.mapping_fault, "HP")
        self.begun.append((order, mapping, _taken(file, remove=remove)))
        list_id = f"{len(self.begun):032x}"
        self.lists.lists[list_id] = a_list(list_id, by, ListState.LOADING, order=order)
        self.reading[list_id] = Progress(list_id, ListState.LOADING, 40, 100)
        return list_id

    async def progress(self, list_id: str) -> Progress:
        return self.reading[list_id]

    async def cancel(self, list_id: str, by: str) -> None:
        del self.reading[list_id]
        self.lists.lists[list_id] = replace(self.lists.lists[list_id], state=ListState.FAILED)


@dataclass(slots=True)
class PeopleDouble:
    """Only their names are asked for."""

    async def all(self) -> Sequence[Staff]:
        return [
            Staff(letter * 32, f"{who}1", f"Petugas {who}", frozenset({role}))
            for who, (role, letter) in PEOPLE.items()
        ]

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)


@dataclass(slots=True)
class Watch:
    """A clock that a test moves."""

    at: datetime = NOW
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def later(self, seconds: float) -> None:
        self.at, self.seconds = self.at + timedelta(seconds=seconds), self.seconds + seconds


@dataclass(slots=True)
class ListStage:
    """The application and everything behind it."""

    parts: PageParts
    door: ListDoor
    lists: ListsDouble
    imports: ImportsDouble
    watch: Watch

    def client(self, who: str, *, page: bool = False) -> httpx.AsyncClient:
        return self.parts.client(who, page=page)

    async def get(self, who: str, address: str, *, page: bool = False) -> httpx.Response:
        async with self.client(who, page=page) as client:
            return await client.get(address)

    async def post(self, who: str, address: str, body: Any = None, *, page: bool = False) -> httpx.Response:
        async with self.client(who, page=page) as client:
            return await client.post(address, json=body)

    async def begin(self, who: str = "manager", content: bytes = CSV, kind: str = "csv") -> str:
        """Announce a file and return its id."""
        answer = await self.post(who, "/api/lists/uploads", {"kind": kind, "size": len(content)})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["upload_id"])

    async def piece(self, who: str, upload_id: str, at: int, content: bytes) -> httpx.Response:
        async with self.client(who) as client:
            return await client.put(f"/api/lists/uploads/{upload_id}/pieces?at={at}", content=content)

    async def sent(self, who: str = "manager", content: bytes = CSV) -> str:
        """Send a whole file and return its id."""
        upload_id = await self.begin(who, content)
        assert (await self.piece(who, upload_id, 0, content)).status_code == 200
        return upload_id

    @property
    def files(self) -> list[Path]:
        return sorted(self.imports.uploads.iterdir())

    @property
    def acts(self) -> list[tuple[str, str]]:
        return [(row.act, row.outcome) for row in self.parts.audit.rows]


def sign_in_everybody(parts: PageParts) -> None:
    """Let everybody of PEOPLE be signed in."""
    for who, (role, letter) in PEOPLE.items():
        staff = Staff(letter * 32, f"{who}1", f"Petugas {who}", frozenset({role}))
        parts.sessions.visitors[who] = Visitor(staff, f"session-{who}", CSRF)


@cache
def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="lists-")


@cache  # made once, not for each test
def _application() -> ListStage:
    lists, watch = ListsDouble(), Watch()
    imports = ImportsDouble(Path(_folder().name), lists)
    doors: list[ListDoor] = []
    port = ListPort(lists, imports, lists, PeopleDouble())
    parts = page_app(
        [
            lambda shared: add_error_handlers(shared.guard.app, shared.render),
            lambda shared: doors.append(add_list_routes(replace(shared, clock=watch), port)),
        ]
    )
    sign_in_everybody(parts)
    return ListStage(parts, doors[0], lists, imports, watch)


def list_stage(folder: Path) -> ListStage:
    """Return the application as if it had just begun, with an empty folder for files."""
    made = _application()
    made.lists.__init__()  # type: ignore[misc]
    made.watch.__init__()  # type: ignore[misc]
    made.imports.__init__(folder / "uploads", made.lists)  # type: ignore[misc]
    made.door.__init__(made.door.shared, made.door.port)  # type: ignore[misc]
    made.parts.audit.rows.clear()
    return made


async def asked_raw(
    stage: ListStage, path: str, query: str, messages: list[dict[str, Any]]
) -> tuple[int, list[dict[str, Any]]]:
    """Send a PUT message by message, as a cut line would; return the status and what was answered."""
    sent: list[dict[str, Any]] = []
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = {"host": "127.0.0.1:8080", "cookie": "kring_session=manager"}
    headers["x-csrf-token"] = stage.parts.sessions.visitors["manager"].csrf
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "PUT", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 40000), "server": ("127.0.0.1", 8080), "state": {},
    }  # fmt: skip
    await stage.parts.app(scope, receive, send)
    return (sent[0]["status"] if sent else 0), sent
