"""The tables of forms and scores, as the newest migration leaves them."""
