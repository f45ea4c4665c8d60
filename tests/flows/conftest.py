from collections.abc import Callable
from pathlib import Path

import pytest

from call_flows.book import SHIPPED, FlowBook, load_folder
from call_flows.checks import CHECKS
from call_flows.known import Known
from prompts.library import Library
from tests.flows.caller import Caller

# A pure stand-in, so that these tests speak of flows and not of the rules of the number.
GOOD = {"123456789012345": "123456789012345", "1234567890123456": "1234567890123456"}


@pytest.fixture(scope="session")
def known() -> Known:
    library = Library.load(Path("prompts"))
    return Known.of(library, {**CHECKS, "npwp": GOOD.get})


@pytest.fixture(scope="session")
def book(known: Known) -> FlowBook:
    return load_folder(SHIPPED, known)


@pytest.fixture
def caller(book: FlowBook) -> Callable[..., Caller]:
    def one(**answers: object) -> Caller:
        return Caller(book, **answers)  # type: ignore[arg-type]

    return one
