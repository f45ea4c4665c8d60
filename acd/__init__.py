"""Brings waiting calls and agents together: who may take what, in which order. Pure; told the time."""
