"""The tables of staff, sign-ins, sessions and the trail of acts, as the newest migration leaves them."""
