"""How lists write zones, groups and headers: the dated tables `places.yaml` and `list_words.yaml`."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import office_day
from dialer.mapping import Role
from domain.zones import Zone

DATA = Path(__file__).parent / "data"
_OFFICE = re.compile(r"(?:kpp )?([0-9]{1,3})(?: .*)?", re.ASCII)
_NO_WORD = re.compile(r"[\W_]+")


class HeaderRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which headers a role has: `whole` ones, or those with a `word` that begins so."""

    role: Role
    whole: tuple[str, ...] = ()
    word: tuple[str, ...] = ()


class _PlaceVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    since: date
    zones: Mapping[Zone, tuple[str, ...]]
    provinces: Mapping[str, tuple[str, ...]]
    offices: tuple[tuple[str, str, Zone], ...]
    assumed: bool = False


class _WordVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    since: date
    no_persons: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    headers: tuple[HeaderRule, ...]
    assumed: bool = False


class _Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[_PlaceVersion, ...]


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[_WordVersion, ...]


@lru_cache(maxsize=10_000)  # the same few provinces and offices come in every row
def plain_words(text: str) -> str:
    """Return a text in small letters, one space for everything between letters and digits."""
    return _NO_WORD.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


class Places:
    """Zones by their names, by provinces and by tax offices, as they are in force on a day."""

    def __init__(self, version: _PlaceVersion) -> None:
        self._zones = {plain_words(word): zone for zone, words in version.zones.items() for word in words}
        self._provinces: dict[str, Zone] = {}
        for code, (zone, *names) in version.provinces.items():
            self._provinces[code] = Zone(zone)
            for name in names:
                for title in ("", "provinsi ", "propinsi ", "prov "):
                    self._provinces[plain_words(title + name)] = Zone(zone)
        self._offices = version.offices

    def zone(self, text: str) -> Zone | None:
        """Return the zone of this name, or None."""
        return self._zones.get(plain_words(text))

    def of_province(self, text: str) -> Zone | None:
        """Return the zone of a province, by its code or name, or None."""
        return self._provinces.get(plain_words(text))

    def of_office(self, text: str) -> Zone | None:
        """Return the zone of a tax office by its three digits, which a name may follow, or None."""
        found = _OFFICE.fullmatch(plain_words(text))
        if found is None:
            return None
        code = found[1].zfill(3)  # a spreadsheet writes 001 as 1
        return next((zone for first, last, zone in self._offices if first <= code <= last), None)


class ListWords:
    """What headers and groups mean, and whose old numbers can be made new ones, on a day."""

    def __init__(self, version: _WordVersion) -> None:
        self.headers = version.headers
        self.no_persons = frozenset(version.no_persons)
        self._groups = {plain_words(word): group for group, words in version.groups.items() for word in words}

    def group(self, text: str) -> str | None:
        """Return the group of `domain.directory.Profile.group` that is meant, or None."""
        return self._groups.get(plain_words(text))


def load_places(now: datetime, folder: Path = DATA) -> Places:
    """Read `places.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "places.yaml"
    versions = read_table(path, _Places).versions
    check_order(path, versions)
    for version in versions:
        for code, words in version.provinces.items():
            if len(words) < 2 or words[0] not in set(Zone):
                raise TableProblem(f"{path.name}: province {code}: a zone and a name. Remedy: add them.")
        for first, last, _ in version.offices:
            if not (len(first) == len(last) == 3 and first <= last):
                raise TableProblem(f"{path.name}: offices {first} to {last}: three digits each, in order.")
    return Places(in_force(versions, office_day(now)))


def load_words(now: datetime, folder: Path = DATA) -> ListWords:
    """Read `list_words.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "list_words.yaml"
    versions = read_table(path, _Words).versions
    check_order(path, versions)
    return ListWords(in_force(versions, office_day(now)))
