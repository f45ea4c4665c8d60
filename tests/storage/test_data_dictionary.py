"""The data dictionary is as fresh as its sources."""

from reporting.counts import Counts
from reporting.formulas import FORMULAS
from storage.report_dictionary import DOCUMENT, made_dictionary
from storage.schema import metadata


def test_the_document_is_fresh() -> None:
    """Remedy: kring report dictionary --write."""
    assert DOCUMENT.read_text(encoding="utf-8") == made_dictionary()


def test_every_figure_count_and_table_is_in_it_with_what_the_sources_say() -> None:
    lines = made_dictionary().splitlines()
    for name in (*FORMULAS, *Counts.__slots__):
        assert any(line.startswith(f"| `{name}` |") for line in lines), name
    assert {line[4:] for line in lines if line.startswith("### ")} == set(metadata.tables)
    assert "| `abandoned` | of `incoming`: the caller hung up while waiting |" in lines
    columns = lines[lines.index("### report_versions") :]
    assert "Append-only: every version of every report, and its removal." in columns[2]
    assert "| `report_id` | text, key |  |" in columns
    assert "| `sealed_deliveries` | bytes, may be empty | JSON, sealed: addresses of people |" in columns
