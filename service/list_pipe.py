"""Takes rows in a second process, so that taking them and writing them have a core each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

import msgspec

from dialer.imports import FileFault, FileRefused
from service.list_jobs import Refused
from service.list_taking import Taken

_fork = get_context("fork")  # the file is open already; nothing else runs yet
_packed = msgspec.msgpack.Encoder()
_taken = msgspec.msgpack.Decoder(Taken)
_refused = msgspec.msgpack.Decoder(Refused)
_ROWS, _REFUSED, _END = b"r", b"f", b"e"


@contextmanager
def taken_beside(take: Callable[[], Iterator[Taken]]) -> Iterator[Iterator[Taken]]:
    """Run `take` in a process of its own; give what it yields, in order, one batch ahead at most.

    The process ends with the block. To be used before there are threads or connections. The rows raise
    FileRefused as `take` does; ZIP_BOMB when the process needed more memory than it may have.
    """
    here, there = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_send, args=(take, here, there), daemon=True)
    process.start()
    there.close()
    try:
        yield _received(here)
    finally:
        here.close()
        process.terminate()
        process.join()


def _send(take: Callable[[], Iterator[Taken]], here: Connection, there: Connection) -> None:
    here.close()  # or nobody would notice that the reader is gone
    with suppress(BrokenPipeError):
        _send_all(take, there)


def _send_all(take: Callable[[], Iterator[Taken]], there: Connection) -> None:
    try:
        for taken in take():
            there.send_bytes(_ROWS + _packed.encode(taken))
        there.send_bytes(_END)
    except FileRefused as error:
        there.send_bytes(_REFUSED + _packed.encode(Refused.of(error)))
    except MemoryError:
        there.send_bytes(_REFUSED + _packed.encode(Refused.of(FileRefused(FileFault.ZIP_BOMB))))


def _received(here: Connection) -> Iterator[Taken]:
    while True:
        try:
            message = here.recv_bytes()
        except EOFError:
            raise FileRefused(FileFault.DAMAGED) from None
        kind, content = message[:1], memoryview(message)[1:]
        if kind == _END:
            return
        if kind == _REFUSED:
            raise _refused.decode(content).error()
        yield _taken.decode(content)
