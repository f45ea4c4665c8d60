"""Planning of staff: calls to be expected, agents needed for a target, what changes if numbers change."""
