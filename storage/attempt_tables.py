"""The tables of attempts, as the newest migration leaves them."""
