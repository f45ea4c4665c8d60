"""The tables of campaigns, leads and suppressions, as the newest migration leaves them."""
