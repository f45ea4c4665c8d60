"""The tables of requests about one person, and transcripts, as the newest migration leaves them."""
