"""Scripts: steps, branches, locks and blanks; and the loader that refuses mistakes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from desk.script import BadTick, Facts, Script, Tick, check, show, walk
from desk.script_book import load_scripts, read_script
from desk.standing import Rung
from desk.tables import BadTable

HEAD = """script: trial
from: 2025-01-01
source: a test
title: {id: "Coba", en: "Trial"}
steps:
"""


@pytest.fixture(scope="module")
def scripts() -> dict[str, Script]:
    return dict(load_scripts())


def said(script: Script, step: str, language: str, facts: Facts) -> str:
    shown = show(script, [], facts, Rung.FULL, "id")
    found = next(one for one in shown.steps if one.key == step)
    return "".join(part.text for part in found.phrases[0][language])


# The wording standard: every phrase of the guide that is spoken as it stands.
STANDARD = {
    "inbound": [
        "Kring Pajak, dengan {nama_udara}, selamat {salam}.",
        "Dengan Bapak/Ibu siapa saya berbicara?",
        "Ada yang bisa saya bantu?",
        "Jadi, Bapak/Ibu ingin menanyakan terkait …",
        "Bisa dijelaskan lebih detil terkait transaksinya?",
        "Di bagian mana dari ketentuan yang dirasa belum jelas?",
        "Menemui kendala pada langkah apa?",
        "Apakah ada pesan error yang muncul?",
        "Mohon menunggu sebentar, kami pastikan terlebih dahulu ketentuannya.",
        "Bapak/Ibu {penelepon}, terima kasih telah menunggu.",
        "Apakah sudah jelas?",
        "Apakah ada pertanyaan lain?",
        "Terima kasih telah menghubungi Kring Pajak, selamat {salam}, Sukses Selalu.",
    ],
    "outbound": [
        "Selamat {salam}, saya {nama_udara} dari Kring Pajak.",
        "Saya bermaksud menyampaikan beberapa informasi perpajakan.",
        "Terima kasih atas kerjasama Bapak/Ibu {penelepon}.",
        "Selamat {salam}. Selamat beraktivitas kembali.",
    ],
    "callback": [
        "Selamat {salam}, saya {nama_udara} dari Kring Pajak 1500200.",
        "Apakah saya dapat berbicara dengan Bapak/Ibu {penelepon}?",
        "Benar saya berbicara dengan Bapak/Ibu {penelepon}?",
        "Saya bermaksud untuk menyampaikan beberapa informasi terkait dengan panggilan telepon Bapak/Ibu "
        "{penelepon} pada hari {hari_panggilan} tanggal {tanggal_panggilan} ke Kring Pajak 1500200.",
        "Menindaklanjuti panggilan Bapak/Ibu sebelumnya pada tanggal {tanggal_panggilan} tentang "
        "{topik_panggilan} ke Kring Pajak 1500200, terdapat beberapa informasi yang perlu saya "
        "ralat/tambahkan, yaitu …",
        "Terima kasih untuk waktunya Bapak/Ibu {penelepon}, selamat {salam}, Sukses Selalu.",
    ],
}


@pytest.mark.parametrize("name", STANDARD)
def test_the_wording_standard_is_kept_word_for_word(scripts: dict[str, Script], name: str) -> None:
    spoken = [
        "".join(part.text or f"{{{part.blank}}}" for part in phrase.parts["id"])
        for step in scripts[name].steps.values()
        for phrase in step.phrases
    ]
    in_order = [phrase for phrase in spoken if phrase in STANDARD[name]]
    assert [phrase for phrase in in_order if "menunggu" not in phrase] == [
        phrase for phrase in STANDARD[name] if "menunggu" not in phrase
    ]
    assert set(STANDARD[name]) <= set(spoken)


@pytest.mark.parametrize(
    ("part_of_day", "greeting"), [("morning", "pagi"), ("noon", "siang"), ("afternoon", "sore")]
)
def test_the_greeting_is_the_hours(scripts: dict[str, Script], part_of_day: str, greeting: str) -> None:
    facts = Facts("Melati", part_of_day)
    assert (
        said(scripts["inbound"], "opening", "id", facts) == f"Kring Pajak, dengan Melati, selamat {greeting}."
    )


def test_blanks_are_filled_or_left_to_the_agent(scripts: dict[str, Script]) -> None:
    assert said(scripts["inbound"], "unhold", "id", Facts()) == "Bapak/Ibu …, terima kasih telah menunggu."
    named = Facts(name="Kenanga")
    assert (
        said(scripts["inbound"], "unhold", "id", named) == "Bapak/Ibu Kenanga, terima kasih telah menunggu."
    )
    campaign = Facts(fields={"isi_campaign": "Batas lapor 31 Maret."})
    assert said(scripts["outbound"], "content", "en", campaign) == "Batas lapor 31 Maret."


def test_content_is_locked_below_the_full_proof(scripts: dict[str, Script]) -> None:
    facts = Facts(fields={"isi_campaign": "Rahasia"})
    for rung in (Rung.ANONYMOUS, Rung.KEYED, Rung.CONFIRMED):
        shown = show(scripts["outbound"], [], facts, rung, "id")
        content = next(step for step in shown.steps if step.key == "content")
        assert (content.locked, content.needs, list(content.phrases)) == (True, "full", [])
        with pytest.raises(BadTick, match="FULL"):
            check(scripts["outbound"], [], Tick("outbound", "content", True), rung)
    assert check(scripts["outbound"], [], Tick("outbound", "content", True), Rung.FULL)


def test_a_question_leads_on_by_its_answer(scripts: dict[str, Script]) -> None:
    script = scripts["callback"]
    ticks = [Tick("callback", "whose_number", True, "personal")]
    assert [step.key for step in walk(script, ticks)] == [
        "opening",
        "whose_number",
        "personal",
        "who_answers",
    ]
    ticks.append(Tick("callback", "who_answers", True, "caller"))
    assert [step.key for step in walk(script, ticks)][4:] == ["follow_up", "hold", "unhold", "thanks"]
    ticks.append(Tick("callback", "whose_number", True, "office"))
    assert [step.key for step in walk(script, ticks)][:4] == [
        "opening",
        "whose_number",
        "office",
        "who_answers",
    ]
    taken_back = [*ticks, Tick("callback", "whose_number", False, "office")]
    assert [step.key for step in walk(script, taken_back)] == ["opening", "whose_number"]


def test_ticks_are_counted_and_taken_back(scripts: dict[str, Script]) -> None:
    script = scripts["inbound"]
    once = [Tick("inbound", "opening", True)]
    assert not check(script, once, once[0], Rung.ANONYMOUS)
    assert check(script, [Tick("inbound", "probe", True)], Tick("inbound", "probe", True), Rung.ANONYMOUS)
    assert check(script, once, Tick("inbound", "opening", False), Rung.ANONYMOUS)
    assert not check(script, [], Tick("inbound", "opening", False), Rung.ANONYMOUS)
    for tick, why in [
        (Tick("inbound", "nothing", True), "no such step"),
        (Tick("inbound", "opening", True, "office"), "answers are: none"),
    ]:
        with pytest.raises(BadTick, match=why):
            check(script, [], tick, Rung.FULL)
    with pytest.raises(BadTick, match="not on the way"):
        check(scripts["callback"], [], Tick("callback", "leave_word", True), Rung.FULL)
    with pytest.raises(BadTick, match="office, personal"):
        check(scripts["callback"], [], Tick("callback", "whose_number", True), Rung.FULL)


def test_a_script_is_finished_when_what_is_not_optional_is_done(scripts: dict[str, Script]) -> None:
    script = scripts["inbound"]
    needed = [Tick("inbound", step.key, True) for step in script.steps.values() if not step.optional]
    assert show(script, needed, Facts(), Rung.ANONYMOUS, "id").finished
    assert not show(script, needed[:-1], Facts(), Rung.ANONYMOUS, "id").finished


def test_days_are_those_of_jakarta(scripts: dict[str, Script]) -> None:
    facts = Facts(earlier_at=datetime(2025, 6, 2, 17, 30, tzinfo=UTC), earlier_topic={"id": "Umum"})
    ticks = [
        Tick("callback", "whose_number", True, "office"),
        Tick("callback", "who_answers", True, "caller"),
    ]
    shown = show(scripts["callback"], ticks, facts, Rung.FULL, "id")
    words = "".join(
        part.text for part in next(s for s in shown.steps if s.key == "follow_up").phrases[0]["id"]
    )
    assert "pada tanggal 3 Juni 2025 tentang Umum ke" in words


STEP = '  hello:\n    say: {id: "Halo", en: "Hello"}\n'
MISTAKES = [
    ('  hello:\n    say: {id: "Halo {nama_udra}", en: "x"}\n', 7, "Did you mean `nama_udara`"),
    ('  hello:\n    say: {id: "Halo {salam", en: "x"}\n', 7, "brace without its partner"),
    ('  hello:\n    say: {id: "Halo"}\n', 7, "`en` is missing"),
    ("  hello:\n    needs: full\n", 7, "either `say` or `do`"),
    (STEP + "    needs: fully\n", 8, "Did you mean `full`"),
    (STEP + "    next: goodby\n  goodbye:\n" + STEP.split("\n", 1)[1], 6, "Did you mean `goodbye`"),
    (STEP + "  again:\n" + STEP.split("\n", 1)[1] + "    next: hello\n", 8, "leads back"),
    (STEP + STEP, 8, "written twice"),
    (STEP + "    optional: maybe\n", 8, "neither yes nor no"),
    (STEP + "    deed: holding\n", 8, "is no deed"),
    (STEP + "    sometimes: yes\n", 8, "is no field here"),
    (STEP + "    answers:\n      a: {id: A, en: A, next: hello}\n", 6, "leads back"),
    (STEP + "    say: *x\n", 8, "not YAML"),
]


@pytest.mark.parametrize(("steps", "line", "why"), MISTAKES)
def test_a_mistake_is_told_with_file_line_and_remedy(tmp_path: Path, steps: str, line: int, why: str) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(HEAD + steps, encoding="utf-8")
    with pytest.raises(BadTable) as raised:
        read_script(path)
    told = [str(problem) for problem in raised.value.problems]
    assert any(one.startswith(f"trial.yaml:{line}: ") and why in one for one in told), told


def test_yaml_changes_no_scalar(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_text(HEAD + "  hello:\n    say: {id: 10:00, en: no}\n", encoding="utf-8")
    script = read_script(path)
    assert script.steps["hello"].phrases[0].parts["id"][0].text == "10:00"
    assert script.steps["hello"].phrases[0].parts["en"][0].text == "no"


def test_a_name_that_two_files_have_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(HEAD + STEP, encoding="utf-8")
    with pytest.raises(BadTable, match=r"two\.yaml:1: .*another file too"):
        load_scripts(tmp_path)
