"""The pictures of the flows, and the command that checks and draws them."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from call_flows.book import SHIPPED, FlowBook, read_folder
from call_flows.drawing import Texts, pages
from call_flows.step import CONVERSATION
from prompts.texts import load_texts
from service.commands.flows import command

DRAWN = Path("docs/flows")


@pytest.fixture(scope="module")
def texts() -> Texts:
    return {name: prompt.texts for name, prompt in load_texts(Path("prompts")).prompts.items()}


def test_the_drawn_flows_are_fresh(book: FlowBook, texts: Texts) -> None:
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in DRAWN.iterdir()}
    assert on_disk == pages(book, texts), "run `kring flows draw` and commit docs/flows"


def test_a_picture_shows_every_step_and_every_exit(book: FlowBook, texts: Texts) -> None:
    drawn = pages(book, texts)
    for flow in book.flows.values():
        words = [node.text or "" for node in ElementTree.fromstring(drawn[f"{flow.name}.svg"]).iter()]  # noqa: S314
        for name in flow.steps:
            assert name.split(".")[1] in words
            for word, target in book.steps[name].exits().items():
                assert word in words
                short = target if target == CONVERSATION else target.removeprefix(f"{flow.name}.")
                assert any(text.startswith(short) for text in words), (flow.name, word, target)


def test_the_cards_of_a_picture_do_not_overlap(book: FlowBook, texts: Texts) -> None:
    for name, content in pages(book, texts).items():
        if not name.endswith(".svg"):
            continue
        boxes = [
            tuple(int(node.attrib[key]) for key in ("x", "y", "width", "height"))
            for node in ElementTree.fromstring(content).iter("{http://www.w3.org/2000/svg}rect")  # noqa: S314
            if node.attrib.get("fill") == "#fff"
        ]
        assert boxes
        for index, (x, y, wide, high) in enumerate(boxes):
            for x2, y2, wide2, high2 in boxes[index + 1 :]:
                assert x + wide <= x2 or x2 + wide2 <= x or y + high <= y2 or y2 + high2 <= y, name


def test_the_command_finds_the_shipped_flows_in_order() -> None:
    result = CliRunner().invoke(command, ["check"])
    assert result.exit_code == 0, result.output
    assert "all in order" in result.output


def test_the_command_tells_file_line_and_remedy(tmp_path: Path) -> None:
    for name, text in read_folder(SHIPPED).items():
        (tmp_path / name).write_text(text.replace("then: opening_hours", "then: opening_ours"))
    result = CliRunner().invoke(command, ["check", str(tmp_path)])
    assert result.exit_code == 1
    assert "Did you mean `opening_hours`?" in result.output
    assert "kring_pajak.yaml:" in result.output


def test_one_changed_file_is_checked_among_the_others_in_force(tmp_path: Path) -> None:
    changed = tmp_path / "waiting.yaml"
    changed.write_text(read_folder(SHIPPED)["waiting.yaml"].replace("limit: 10m", "limit: 15m"))
    result = CliRunner().invoke(command, ["check", str(changed)])
    assert result.exit_code == 0, result.output
    changed.write_text(changed.read_text().replace("  efin:\n", "  forgotten_efin:\n"))
    result = CliRunner().invoke(command, ["check", str(changed)])
    assert result.exit_code == 1
    assert "with_npwp.yaml:" in result.output


def test_drawing_replaces_what_was_drawn_before(tmp_path: Path) -> None:
    (tmp_path / "old_flow.svg").write_text("<svg/>")
    result = CliRunner().invoke(command, ["draw", "--to", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in DRAWN.iterdir()}
