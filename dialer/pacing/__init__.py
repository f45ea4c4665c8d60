"""How many lines to have: from the agents, the dials under way and what was learnt of them. Pure."""
