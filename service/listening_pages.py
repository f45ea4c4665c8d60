"""Joins listening to recordings: playbacks and comments on the database, the rules, the pages."""

from functools import partial

from domain.staff import StaffStore
from recording.listening_rules import load_listening_rules
from recording.ports import Alarms, RecordingBook, SealedSounds
from recording.quality.blind import BlindWork
from recording.quality.scores import Scores
from storage.database import Database
from storage.listening import DurableComments, DurablePlaybacks
from storage.person_requests import DurablePersons
from storage.vault import Vault
from web.app import Area
from web.listen_port import ListenPort
from web.listen_routes import add_listen_routes


def make_listening_area(
    database: Database,
    vault: Vault,
    book: RecordingBook,
    sounds: SealedSounds,
    scores: Scores,
    blind: BlindWork,
    alarms: Alarms,
    people: StaffStore,
) -> Area:
    """Return the area of `/rekaman/{recording_id}`. Raises desk.matter_data.TableProblem.

    To be added after what else has addresses below `/rekaman/`: this one takes every id.
    """
    port = ListenPort(
        book,
        sounds,
        scores,
        blind,
        DurablePlaybacks(database, vault),
        DurableComments(database, vault),
        people,
        alarms,
        load_listening_rules().at,
        DurablePersons(database, vault),
    )
    return partial(add_listen_routes, port=port)
