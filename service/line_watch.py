"""Finds out at once that an agent's line died with the page or the phone that it was on.

Asterisk itself ends a leg only after `asterisk_conf.accounts.RTP_TIMEOUT` seconds without sound, and the
caller hears nothing in all that time. A registration that goes is told at once: the page was closed or
reloaded, or the phone registered anew from somewhere else. But a page may also lose its connection for a
moment, or a network its mapping of ports, while the talk goes on. So the leg is listened to: if nothing
arrives any more, it is hung up as dead.
"""

import asyncio
import logging

import ari
from ari import events
from domain.background import Background
from service.accounts import LANE
from service.agent_telephony import LEG_PREFIX

log = logging.getLogger(__name__)

REMOVED = "Removed"  # Asterisk's word for a registration that is no more
UP = "Up"
SETTLES = 0.1  # seconds after which nothing that was sent before can still be on its way here
LISTENS = 0.4  # seconds; a phone that is there sends 20 packets in that time, also while muted
OUT_OF_ORDER = 27  # Q.850: the floor takes it for a line that died


class LineWatch:
    """Hangs up legs that died with their registration, so that the floor can act."""

    def __init__(self, client: ari.Client) -> None:
        """`client` hears of registrations on the lane of the accounts."""
        self._client = client
        self._background = Background()
        client.on_event(events.ContactStatusChange, self._told)

    def _told(self, event: events.ContactStatusChange) -> None:
        if event.contact_info.contact_status != REMOVED:
            return
        for leg in event.endpoint.channel_ids:
            if leg.startswith(LEG_PREFIX):
                self._background.begin(self._look_at(leg))

    async def _look_at(self, leg: str) -> None:
        channels = self._client.channels
        try:
            if (await channels.get(leg, lane=LANE)).state != UP:
                return  # it rings: the floor itself gives up a phone that is gone
            await asyncio.sleep(SETTLES)
            before = await channels.rtpstatistics(leg, lane=LANE)
            await asyncio.sleep(LISTENS)
            after = await channels.rtpstatistics(leg, lane=LANE)
            if after.rxcount == before.rxcount:
                log.info("a line died with its registration", extra={"leg": leg})
                await channels.hangup(leg, reason_code=str(OUT_OF_ORDER), lane=LANE)
        except ari.AriError:
            return  # the leg is gone, or Asterisk; both are told elsewhere
