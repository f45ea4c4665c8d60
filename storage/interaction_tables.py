"""The tables of interaction notes, drafts and script ticks, as the newest migration leaves them."""
