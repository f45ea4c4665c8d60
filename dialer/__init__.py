"""Outbound work: lists, campaigns, who may be dialled, pacing, attempts. Pure rules and ports."""
