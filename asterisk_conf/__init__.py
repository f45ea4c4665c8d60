"""Asterisk's own configuration, and the embedded Asterisk: fetch, render, start, watch, stop."""
