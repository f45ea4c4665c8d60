"""The tables of finding and sampling recordings, as the newest migration leaves them."""
