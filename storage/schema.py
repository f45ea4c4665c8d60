"""Every table of the database in one place, for who compares them with the migrations."""

import storage.appeal_tables
import storage.attempt_tables
import storage.campaign_tables
import storage.change_tables
import storage.figure_tables
import storage.interaction_tables
import storage.list_tables
import storage.listening_tables
import storage.matter_tables
import storage.matter_work_tables
import storage.outbound_tables
import storage.person_tables
import storage.plan_tables
import storage.prompt_tables
import storage.proof_tables
import storage.recording_tables
import storage.report_tables
import storage.review_tables
import storage.schedule_tables
import storage.score_tables
import storage.staff_tables
import storage.transcript_tables
import storage.wall_tables  # noqa: F401 - imported for their tables, as the others above
from storage.tables import SCHEMA_REVISION, metadata

__all__ = ["SCHEMA_REVISION", "metadata"]
