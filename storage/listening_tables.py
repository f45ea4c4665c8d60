"""The tables of listening to recordings, as the newest migration leaves them."""
