"""The drawn year: it comes to what was published, and the same seed gives the same year."""

from datetime import date

from bench.year import ANSWERED, DIALS, INBOUND, REACHED, WHOLE, Size, crew, tables, working_days, year


def test_a_drawn_day_comes_to_what_was_asked_for() -> None:
    size = Size(date(2025, 1, 1), date(2025, 1, 3), 600, 400, 900, 70, agents=20)
    days = list(year(size))
    assert [day.day for day in days] == working_days(size.first, size.last)

    rows = {name: [row for day in days for row in day.tables[name]] for name in days[0].tables}
    dialled = {row[0] for row in rows["attempts"]}
    assert len(dialled) == size.dials
    assert len([row for row in rows["calls"] if row[0] not in dialled]) == size.inbound
    answered = {row[1] for row in rows["floor_entries"] if row[6] == "answered"}
    assert len(answered - dialled) == size.answered
    assert len(answered & dialled) == size.reached
    numbers = [row[0] for name in rows if name.startswith("floor_") for row in rows[name]]
    assert len(set(numbers)) == len(numbers)
    assert [day.tables for day in year(size)] == [day.tables for day in days]


def test_the_whole_year_is_as_large_as_was_published() -> None:
    assert (WHOLE.inbound, WHOLE.answered, WHOLE.dials, WHOLE.reached) == (INBOUND, ANSWERED, DIALS, REACHED)
    assert 230 <= len(working_days(WHOLE.first, WHOLE.last)) <= 250
    people = crew(WHOLE.agents)
    assert len({*people.inbound, *people.outbound}) == 500
    assert tables(WHOLE.agents)["agents"].count("\n") == 501
