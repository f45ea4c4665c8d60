"""A fake Asterisk that speaks ARI: the same protocol, channels without sound.

It is held to the same contract tests as a real one, and it refuses what the description does not know:
an unknown operation, a missing, unknown or ill-typed parameter.
"""

from ari.fake.asterisk import FakeAsterisk
from ari.fake.world import FakePhone

__all__ = ["FakeAsterisk", "FakePhone"]
