"""Joins listening to recordings: playbacks, comments and transcripts on the database, rules, pages."""

from functools import partial

from domain.staff import StaffStore
from recording.listening_rules import load_listening_rules
from recording.ports import Alarms, RecordingBook, SealedSounds
from recording.quality.blind import BlindWork
from recording.quality.scores import Scores
from recording.transcripts import Transcripts
from storage.database import Database
from storage.listening import DurableComments, DurablePlaybacks
from storage.person_requests import DurablePersons
from storage.transcripts import DurableTranscripts
from storage.vault import Vault
from web.app import Area
from web.listen_port import ListenPort
from web.listen_routes import add_listen_routes
from web.parts import Shared
from web.transcript_routes import add_transcript_routes


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
    return partial(_add_routes, port=port, transcripts=DurableTranscripts(database, vault))


def _add_routes(shared: Shared, port: ListenPort, transcripts: Transcripts) -> None:
    add_transcript_routes(shared, port, transcripts)
    add_listen_routes(shared, port)
