"""Recordings of calls: captured, verified, sealed, kept or destroyed, and heard only by who may.

Rules and files; what stands on Asterisk, the database or the pages is in `service`, `storage` and `web`.
"""
