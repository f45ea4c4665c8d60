"""The flow books in use: the one for new calls, and the older ones of running calls."""

from collections.abc import Mapping

from call_flows.book import FlowBook, accept, version_of
from call_flows.known import Known
from call_flows.problems import FlowProblem
from domain.call_log import FlowArchive


class FlowShelf:
    """Holds the book that new calls begin with, and fetches older versions for running calls."""

    def __init__(self, archive: FlowArchive, known: Known) -> None:
        self._archive = archive
        self._known = known
        self._current: FlowBook | None = None
        self._older: dict[str, FlowBook] = {}

    @property
    def current(self) -> FlowBook:
        """The book for new calls. Raises LookupError before the first one was opened."""
        if self._current is None:
            raise LookupError("no flow book is in force yet")
        return self._current

    async def open(self, files: Mapping[str, str], compiled: FlowBook | None = None) -> None:
        """Put the first book in force; `compiled` is used if it is of these files. Raises FlowError."""
        if compiled is None or compiled.version != version_of(files):
            compiled = FlowBook.from_files(files, self._known)
        await self._put(compiled)

    async def offer(self, files: Mapping[str, str]) -> tuple[FlowProblem, ...]:
        """Take up changed files for new calls, or leave the book in force and return what is wrong."""
        book, problems = accept(files, self.current, self._known)
        if book.version != self.current.version:
            await self._put(book)
        return problems

    async def of(self, version: str) -> FlowBook:
        """Return the book of a running call.

        Raises KeyError for a version that was never kept, FlowError if it cannot be compiled any more.
        """
        if self._current is not None and version == self._current.version:
            return self._current
        if version not in self._older:
            files = await self._archive.load(version)
            self._older[version] = FlowBook.from_archive(files, self._known)
        return self._older[version]

    async def _put(self, book: FlowBook) -> None:
        # Kept before any call begins with it: a call whose flow is lost could not be recovered.
        await self._archive.save(book.version, dict(book.files))
        self._current = book
