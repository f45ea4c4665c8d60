"""The looks: every class of the design is built, and colours can be read (WCAG 2.2 AA)."""

import re
from functools import cache
from pathlib import Path

import pytest

from web.assets import Assets
from web.build import MANIFEST, STATIC, UI, build, entries, source_digest
from web.rendering import TEMPLATES

CLASSES = re.findall(
    r"\S+",
    """stack cluster split grid panel panel-title button button-primary button-danger button-quiet field label
    input hint error tag tag-claimed tag-verified tag-warn tag-good list row muted number timer kbd notice
    notice-bad notice-good steps step done dialog tabs tab table skip hidden""",
)

TEXT, SHAPE = 4.5, 3.0  # least contrast of text, and of a border or sign that carries meaning

# What stands on what, in css/*.css.
PAIRS = [
    *[(ink, ground, TEXT) for ink in ("ink", "ink-soft") for ground in ("paper", "surface", "sunken")],
    *[("ink", ground, TEXT) for ground in ("accent-soft", "good-soft", "warn-soft", "bad-soft")],
    *[("ink-soft", ground, TEXT) for ground in ("accent-soft", "bad-soft", "good-soft", "warn-soft")],
    *[("accent", ground, TEXT) for ground in ("paper", "surface", "sunken", "accent-soft")],
    ("accent-strong", "accent-soft", TEXT),
    ("accent-strong", "surface", TEXT),
    *[("ink-on-strong", ground, TEXT) for ground in ("accent", "accent-strong", "bad", "bad-strong")],
    *[(sign, f"{sign}-soft", TEXT) for sign in ("good", "warn", "bad")],
    *[("bad", ground, TEXT) for ground in ("paper", "surface")],
    *[("line-strong", ground, SHAPE) for ground in ("paper", "surface", "sunken")],
    *[("focus", ground, SHAPE) for ground in ("paper", "surface", "sunken", "accent-soft")],
    *[(f"chart-{series}", "surface", SHAPE) for series in range(1, 7)],
    *[("ink", f"heat-{level}", TEXT) for level in range(1, 6)],
]


@cache
def _built() -> Assets:
    build(lambda text: None)
    return Assets.load()


def _css() -> str:
    address = _built().asset("main.css")
    return (STATIC / address.removeprefix("/static/")).read_text(encoding="utf-8")


def _tokens(theme: str) -> dict[str, str]:
    source = (UI / "css" / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", source)
    return {name: light if theme == "light" else dark for name, light, dark in found}


def _brightness(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2, definition)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_brightness(one), _brightness(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
def test_colours_can_be_read(one: str, other: str, least: float, theme: str) -> None:
    tokens = _tokens(theme)
    assert _contrast(tokens[one], tokens[other]) >= least, (tokens[one], tokens[other])


def test_every_class_of_the_design_is_built() -> None:
    css = _css()
    assert [name for name in CLASSES if re.search(rf"\.{name}(?![\w-])", css) is None] == []


def test_every_token_that_is_used_is_there() -> None:
    css = "".join(path.read_text(encoding="utf-8") for path in sorted((UI / "css").glob("*.css")))
    used, made = set(re.findall(r"var\(--([a-z0-9-]+)\)", css)), set(re.findall(r"--([a-z0-9-]+):", css))
    assert used - made == set()


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert re.search(r"https?://|@import|url\((?!data:)", _css()) is None
    assert "resolved" not in (UI / "package-lock.json").read_text(encoding="utf-8")
    assert re.search(r"registry\s*=|https?://", (UI / ".npmrc").read_text(encoding="utf-8")) is None


def test_every_file_that_a_template_asks_for_is_built() -> None:
    asked = {
        name
        for path in sorted(TEMPLATES.rglob("*.html"))
        for name in re.findall(r"asset\(\"([^\"]+)\"\)", path.read_text(encoding="utf-8"))
    }
    assert {"main.css", "main.js", "theme.js"} <= asked
    assert asked - _built().names() == set()
    areas = {name for name in _built().names() if name.endswith("/main.js")}
    assert areas - asked == set()  # behaviour that no page loads
    assert {"texts.id.js", "texts.en.js"} <= _built().names()


def test_a_build_is_kept_until_a_source_changes() -> None:
    _built()
    stamp = (STATIC / MANIFEST).stat().st_mtime_ns
    told: list[str] = []
    if build(told.append):  # a source changed since: somebody is at work on it
        assert told
    else:
        assert told == []
        assert (STATIC / MANIFEST).stat().st_mtime_ns == stamp
    assert source_digest() != source_digest(source_maps=True)


def test_the_scripts_of_each_area_are_bundled() -> None:
    names = {path.relative_to(UI).as_posix() for path in entries()}
    assert {"src/main.ts", "css/main.css"} <= names
    for path in sorted((UI / "src").glob("*/main.ts")):
        assert f"{path.parent.name}/main.js" in _built().names()
    main = Path(STATIC / _built().asset("main.js").removeprefix("/static/")).read_text(encoding="utf-8")
    assert "sourceMappingURL" not in main
