"""Inbound calls: which flow answers, and the driver that performs it."""
