"""Texts and sounds that callers hear, in Indonesian and English."""
