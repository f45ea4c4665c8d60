"""Code generated from the description that Asterisk ships; do not edit."""
