"""Which rule a call is recorded by, and tables of rules that are refused."""

import pytest

from recording.policies import Kind, PolicyProblem, read_policies
from tests.unit.capture_play import ON_DEMAND


def test_policies_are_found_by_campaign_kind_queue_and_direction() -> None:
    def mode(*of: str) -> str:
        return ON_DEMAND.of(Kind(*of)).mode.value

    assert mode("efin") == "on_demand"
    assert mode("pph/B") == "never"
    assert mode("efin", "out") == "always"
    assert mode("efin", "out", "c2", "survey") == "never"
    assert mode("efin", "out", "c1", "survey") == "always"


def test_a_sample_is_a_share_and_the_same_each_time() -> None:
    policy = ON_DEMAND.of(Kind("token"))
    drawn = [f"{number:032x}" for number in range(4000) if policy.wants(f"{number:032x}")]
    assert 900 < len(drawn) < 1100
    assert all(policy.wants(call_id) for call_id in drawn)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("inbound: {mode: sample}", "share"),
        ("inbound: {mode: always, share: 5}", "share"),
        ("inbound: {mode: sometimes}", "sometimes"),
        ("inbound: {mode: always, why: x}", "why"),
        ("inbound: {mode: always}\n    inbound: {mode: never}", "line 5"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_its_place(change: str, said: str) -> None:
    text = f"""
versions:
  - since: 2020-01-01
    {change}
    outbound: {{mode: always}}
    silence: {{keys_before_ms: 1000, keys_after_s: 3, proof_s: 60, agent_s: 300}}
"""
    with pytest.raises(PolicyProblem, match=said):
        read_policies("mine.yaml", text)
