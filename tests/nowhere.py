"""Places for counts that are asked about none."""

from collections.abc import Collection


class Nowhere:
    """A `reporting.facts.Places` that knows of nothing to which team, tier or branch it belongs."""

    def team(self, agent: str) -> str:
        return ""

    tier = tier_of_queue = branch_of_queue = team

    def members(self, teams: Collection[str]) -> Collection[str]:
        return ()
