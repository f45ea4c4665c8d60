"""What flows ask about calls of ours, joined: records of outbound work, dated tables, the directory."""

from collections.abc import Mapping

from desk.tax_dates import load_tax_dates
from domain.clock import Clock
from domain.directory import TaxpayerDirectory
from ivr.campaign_look_ups import CampaignLookUps, load_remembered
from ivr.look_ups import OfCall
from service.campaign_part import CampaignPart
from storage.campaign_calls import AttemptFinder, CampaignCallRecord
from storage.database import Database
from storage.lists import DurableLists
from storage.vault import Vault


def look_ups_of_our_calls(
    database: Database,
    vault: Vault,
    attempts: AttemptFinder,
    campaigns: CampaignPart,
    directory: TaxpayerDirectory,
    clock: Clock,
) -> Mapping[str, OfCall]:
    """Return what `ivr.look_ups.look_ups` takes as `campaigns`. Raises desk.matter_data.TableProblem."""
    record = CampaignCallRecord(
        attempts,
        campaigns.campaigns,
        campaigns.leads,
        DurableLists(database, vault),
        campaigns.suppressions,
        vault,
    )
    tax, remembered = load_tax_dates(), load_remembered()
    return CampaignLookUps(record, directory, tax, campaigns.calendar, remembered, clock).by_name()
