"""What the tests of scoring share: a small form to reckon with by hand, and all of a form answered."""

from collections.abc import Mapping

from recording.quality.forms import Form
from recording.quality.forms_book import read_form
from recording.quality.scores import Answer

SMALL_TEXT = """
form: inbound
valid_from: 2026-01-01
source: a test
title: {id: Uji, en: Test}
na: {item: share_out, criterion: share_out, assumed: yes, id: Aturan, en: Rule}
criteria:
  manner:
    weight: 40
    id: Cara
    en: Manner
    items:
      greeting: {share: 25, id: Salam, en: Greeting, na: yes}
      hold: {share: 50, id: Hold, en: Hold, na: yes}
      closing: {share: 25, id: Penutup, en: Closing, na: yes}
  proof:
    weight: 20
    id: Bukti
    en: Proof
    items:
      asked: {share: 100, id: Ditanya, en: Asked, na: yes}
  answer:
    weight: 40
    id: Jawaban
    en: Answer
    items:
      right: {share: 60, id: Benar, en: Right}
      whole:
        share: 40
        id: Lengkap
        en: Whole
        parts:
          whole_first: {id: Awal, en: First}
          whole_last: {id: Akhir, en: Last, na: yes}
facts:
  transfer:
    id: Diteruskan
    en: Transferred
    default: none
    values:
      none: {id: Tidak, en: No}
      rightly: {id: Benar, en: Rightly}
effects:
  no_proof: {id: Tanpa bukti, en: No proof, when: {asked: no}, zero: [answer]}
  handed_on: {id: Diteruskan, en: Handed on, when: {transfer: rightly}, full: [answer]}
"""

SMALL = read_form("small.yaml", SMALL_TEXT, 1)


def all_yes(form: Form, **others: Answer) -> dict[str, Answer]:
    """Return an answer to every question: yes, but for `others`."""
    return {question.code: Answer.YES for question in form.questions} | others


def worth(lines: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return lines written as `points/most reason` as (points, most, reason)."""
    return {item: tuple(text.replace("/", " ").split()) for item, text in lines.items()}
