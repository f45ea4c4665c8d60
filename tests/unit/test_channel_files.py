"""Files of chat and e-mail counts: what is taken, and how each mistake is told."""

from datetime import date

import pytest

from reporting.channels import LARGEST, MOST_LINES, ChannelFile, ChannelRow, read_channels

TODAY = date(2025, 6, 3)
AGENTS = {"90000001", "90000002"}
HEAD = "tanggal,nomor_petugas,tim,chat_dijawab,chat_sesuai_sla,email_ditugaskan,email_dijawab"


def _read(text: str | bytes) -> ChannelFile:
    content = text if isinstance(text, bytes) else text.encode()
    return read_channels(content, AGENTS, {"alfa", "beta", "gama"}, TODAY)


def test_a_line_is_an_agents_day_or_a_teams() -> None:
    found = _read(f"{HEAD}\n2025-06-02,90000001,,40,36,10,9\n02.06.2025,,gama,100,90,0,0\n")
    assert found.wrong == 0
    assert list(found.rows) == [
        ChannelRow(date(2025, 6, 2), "90000001", "", 40, 36, 10, 9),
        ChannelRow(date(2025, 6, 2), "", "gama", 100, 90, 0, 0),
    ]


def test_a_spreadsheets_own_way_is_understood() -> None:
    found = _read("\ufeffDay;Agent;Chats;Chats in time\r\n1/6/2025;90000002;5;\r\n;;;\r\n")
    assert list(found.rows) == [ChannelRow(date(2025, 6, 1), "90000002", "", 5, 0)]


@pytest.mark.parametrize(
    ("line", "field", "value", "remedy"),
    [
        ("kemarin,90000001,,1,1,1,1", "tanggal", "kemarin", "no_day"),
        ("31.02.2025,90000001,,1,1,1,1", "tanggal", "31.02.2025", "no_day"),
        ("1899-06-02,90000001,,1,1,1,1", "tanggal", "1899-06-02", "no_day"),
        ("2025-06-04,90000001,,1,1,1,1", "tanggal", "2025-06-04", "future_day"),
        ("2025-06-02,90009999,,1,1,1,1", "nomor_petugas", "…9999", "no_such_agent"),
        ("2025-06-02,,delta,1,1,1,1", "tim", "delta", "no_such_team"),
        ("2025-06-02,,,1,1,1,1", "nomor_petugas", "", "nobody"),
        ("2025-06-02,90000001,,-1,0,1,1", "chat_dijawab", "-1", "no_count"),
        ("2025-06-02,90000001,,1.5,0,1,1", "chat_dijawab", "1.5", "no_count"),
        (f"2025-06-02,90000001,,{LARGEST + 1},0,1,1", "chat_dijawab", str(LARGEST + 1), "no_count"),
        ("2025-06-02,90000001,,3,4,1,1", "chat_sesuai_sla", "4", "more_than_all"),
        ("2025-06-02,90000001,,1,1,1,2", "email_dijawab", "2", "more_than_all"),
        ("2025-06-02,90000001,,1,1,1,1,9", "", "", "too_many_cells"),
    ],
)
def test_a_mistake_names_line_field_value_and_remedy(line: str, field: str, value: str, remedy: str) -> None:
    found = _read(f"{HEAD}\n2025-06-01,90000001,,1,1,1,1\n{line}\n")
    assert [(one.line, one.field, one.value, one.remedy) for one in found.mistakes] == [
        (3, field, value, remedy)
    ]
    assert list(found.rows) == []  # nothing of a file with a mistake


def test_the_same_day_of_the_same_agent_is_there_once() -> None:
    found = _read(f"{HEAD}\n2025-06-02,90000001,,1,1,1,1\n2025-06-02,90000001,alfa,2,2,2,2\n")
    assert [(one.line, one.remedy) for one in found.mistakes] == [(3, "line_twice")]


@pytest.mark.parametrize(
    ("text", "line", "remedy"),
    [
        ("", 0, "empty"),
        (HEAD, 0, "empty"),
        (b"tanggal,tim,chats\n2025-06-02,\xff\xfe,1\n", 0, "encoding"),
        ("tanggal,tim,chats\n2025-06-02,al\0fa,1\n", 0, "encoding"),
        ("tanggal,chats\n2025-06-02,1\n", 1, "missing_column"),
        ("tim,chats\nalfa,1\n", 1, "missing_column"),
        ("tanggal,tim\n2025-06-02,alfa\n", 1, "missing_column"),
        ("tanggal,tim,chats,hari\n2025-06-02,alfa,1,x\n", 1, "unknown_column"),
        ("tanggal,tim,chats,chat_dijawab\n2025-06-02,alfa,1,1\n", 1, "column_twice"),
        ("tanggal,tim,chats\n" + "x\n" * (MOST_LINES + 1), 0, "too_many_lines"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(text: str | bytes, line: int, remedy: str) -> None:
    found = _read(text)
    assert [(one.line, one.remedy) for one in found.mistakes] == [(line, remedy)]
    assert list(found.rows) == []


def test_many_mistakes_are_counted_and_the_first_are_told() -> None:
    found = _read(f"{HEAD}\n" + "x,90000001,,1,1,1,1\n" * 500)
    assert (found.wrong, len(found.mistakes)) == (500, 200)
