"""What the fake does with each operation it knows."""

from collections.abc import Callable
from typing import Any

from ari.fake.rules import Asked, NoSuchRequest
from ari.fake.world import FakeBridge, FakeChannel, FakePlayback, World, now

Answer = tuple[int, Any]  # status and body; None: no body
CAUSES = {"normal": 16, "busy": 17, "congestion": 34, "no_answer": 19, "rejected": 21}
NOTHING: Answer = (204, None)

# Carried out by the channel's own thread: they wait while it plays.
WAITING = frozenset(
    {
        "bridges.addChannel",
        "bridges.removeChannel",
        "channels.answer",
        "channels.setChannelVar",
    }
)


class FakeOperations:
    """Carries requests out on the world."""

    def __init__(self, world: World, number_called: Callable[[FakeChannel, str, str], None]) -> None:
        self._world = world
        self._number_called = number_called
        self._new = 0
        self._known = self._on_channels() | self._on_others()

    def _on_channels(self) -> dict[str, Callable[[Asked], Answer]]:
        world = self._world
        return {
            "channels.list": lambda asked: (200, [c.json() for c in world.channels.values()]),
            "channels.get": lambda asked: (200, self._channel(asked).json()),
            "channels.originate": self._originate,
            "channels.originateWithId": self._originate,
            "channels.answer": self._answer,
            "channels.ring": self._ring,
            "channels.sendDTMF": self._send_dtmf,
            "channels.hangup": self._hangup,
            "channels.play": self._play,
            "channels.playWithId": self._play,
            "channels.startMoh": lambda asked: self._music(asked, on=True),
            "channels.stopMoh": lambda asked: self._music(asked, on=False),
            "channels.getChannelVar": self._get_variable,
            "channels.setChannelVar": self._set_variable,
            "channels.continueInDialplan": self._continue,
        }

    def _on_others(self) -> dict[str, Callable[[Asked], Answer]]:
        world = self._world
        return {
            "asterisk.ping": lambda asked: (200, {"ping": "pong", "timestamp": now(), "asterisk_id": "fake"}),
            "asterisk.getInfo": self._info,
            "asterisk.getGlobalVar": self._get_global,
            "asterisk.setGlobalVar": self._set_global,
            "applications.list": lambda asked: (200, [self._application(n) for n in world.applications]),
            "applications.get": lambda asked: (200, self._application(self._app(asked))),
            "applications.filter": self._filter,
            "applications.subscribe": self._subscribe,
            "playbacks.get": lambda asked: (200, self._playback(asked).json()),
            "playbacks.stop": self._stop,
            "bridges.list": lambda asked: (200, [b.json() for b in world.bridges.values()]),
            "bridges.get": lambda asked: (200, self._bridge(asked).json()),
            "bridges.create": self._create_bridge,
            "bridges.createWithId": self._create_bridge,
            "bridges.destroy": self._destroy_bridge,
            "bridges.addChannel": self._add,
            "bridges.removeChannel": self._remove,
        }

    def do(self, asked: Asked) -> Answer:
        """Carry a request out. Raises NoSuchRequest with Asterisk's refusal."""
        known = self._known.get(asked.name)
        if known is None:
            raise NoSuchRequest(501, f"the fake does not do {asked.name}")
        return known(asked)

    async def until_idle(self, asked: Asked) -> None:
        """Wait as Asterisk does for the channel's thread, where the operation needs it."""
        if asked.name in WAITING:
            for name in asked.text("channelId", asked.text("channel")).split(","):
                if name in self._world.channels:
                    await self._world.channels[name].idle.wait()

    # Finding things

    def _app(self, asked: Asked) -> str:
        name = asked.text("applicationName")
        if name not in self._world.applications:
            raise NoSuchRequest(404, "Application not found")
        return name

    def _channel(self, asked: Asked) -> FakeChannel:
        channel = self._world.channels.get(asked.text("channelId"))
        if channel is None:
            raise NoSuchRequest(404, "Channel not found")
        return channel

    def _in_app(self, asked: Asked) -> FakeChannel:
        channel = self._channel(asked)
        if not channel.app:
            raise NoSuchRequest(409, "Channel not in Stasis application")
        return channel

    def _playback(self, asked: Asked) -> FakePlayback:
        playback = self._world.playbacks.get(asked.text("playbackId"))
        if playback is None:
            raise NoSuchRequest(404, "Playback not found")
        return playback

    def _bridge(self, asked: Asked) -> FakeBridge:
        bridge = self._world.bridges.get(asked.text("bridgeId"))
        if bridge is None:
            raise NoSuchRequest(404, "Bridge not found")
        return bridge

    def _fresh(self, asked: Asked, name: str) -> str:
        self._new += 1
        return asked.text(name) or f"fake-{self._new}"

    # Asterisk and applications

    def _info(self, asked: Asked) -> Answer:
        return 200, {"system": {"version": "22.10.1-fake", "entity_id": "fake"}}

    def _get_global(self, asked: Asked) -> Answer:
        return 200, {"value": self._world.globals.get(asked.text("variable"), "")}

    def _set_global(self, asked: Asked) -> Answer:
        self._world.globals[asked.text("variable")] = asked.text("value")
        return NOTHING

    def _application(self, name: str) -> dict[str, Any]:
        hidden = self._world.applications[name]
        watched = [c.id for c in self._world.channels.values() if name in c.watchers]
        return {
            "name": name,
            "channel_ids": watched,
            "bridge_ids": [],
            "endpoint_ids": [],
            "events_allowed": hidden.get("allowed", []),
            "events_disallowed": hidden.get("disallowed", []),
        }

    def _filter(self, asked: Asked) -> Answer:
        name = self._app(asked)
        self._world.applications[name] = asked.values.get("filter") or {}
        return 200, self._application(name)

    def _subscribe(self, asked: Asked) -> Answer:
        name = self._app(asked)
        for source in asked.text("eventSource").split(","):
            kind, _, thing = source.partition(":")
            if kind != "channel":
                raise NoSuchRequest(400, "Invalid event source URI scheme")
            if thing not in self._world.channels:
                raise NoSuchRequest(422, "Event source does not exist")
            self._world.channels[thing].watchers.add(name)
        return 200, self._application(name)

    # Channels

    def _originate(self, asked: Asked) -> Answer:
        channel_id = asked.text("channelId")
        if channel_id in self._world.channels:
            raise NoSuchRequest(409, "Channel with given unique ID already exists")
        tech, _, resource = asked.text("endpoint").partition("/")
        if not tech or not resource:
            raise NoSuchRequest(400, "Invalid endpoint specified")
        number, _, _ = resource.partition("@")
        app, args = asked.text("app"), tuple(part for part in asked.text("appArgs").split(",") if part)
        channel = self._world.new_channel(channel_id, state="Down", exten=number)
        channel.watchers.add(app)
        channel.variables |= {k: _plain(v) for k, v in (asked.values.get("variables") or {}).items()}
        described = channel.json()
        channel.on_answer = lambda: self._world.enter_or_end(channel, app, args)
        other = asked.text("otherChannelId")
        self._number_called(channel, number if tech == "Local" else "", other)
        return 200, described

    def _answer(self, asked: Asked) -> Answer:
        self._world.answer(self._in_app(asked))
        return NOTHING

    def _ring(self, asked: Asked) -> Answer:
        self._in_app(asked)
        return NOTHING

    def _send_dtmf(self, asked: Asked) -> Answer:
        channel = self._in_app(asked)
        if channel.other is not None:
            for key in asked.text("dtmf"):
                self._world.key(channel.other, key)
        return NOTHING

    def _hangup(self, asked: Asked) -> Answer:
        channel = self._channel(asked)
        code = asked.text("reason_code") or str(CAUSES.get(asked.text("reason", "normal"), 16))
        if not code.isdigit():
            raise NoSuchRequest(400, "Invalid Reason Code")
        self._world.end_channel(channel, int(code), soft=True)
        return NOTHING

    def _play(self, asked: Asked) -> Answer:
        channel = self._in_app(asked)
        playback_id = self._fresh(asked, "playbackId")
        if playback_id in self._world.playbacks:
            raise NoSuchRequest(409, "Playback with given unique ID already exists")
        media = asked.text("media").split(",")
        playback = FakePlayback(playback_id, channel, media, asked.text("lang", "en"))
        described = playback.json()
        self._world.play(playback)
        return 201, described

    def _music(self, asked: Asked, *, on: bool) -> Answer:
        self._in_app(asked).music = on
        return NOTHING

    def _get_variable(self, asked: Asked) -> Answer:
        channel = self._channel(asked)
        if asked.text("variable") not in channel.variables:
            raise NoSuchRequest(404, "Provided variable was not found")
        return 200, {"value": channel.variables[asked.text("variable")]}

    def _set_variable(self, asked: Asked) -> Answer:
        self._in_app(asked).variables[asked.text("variable")] = asked.text("value")
        return NOTHING

    def _continue(self, asked: Asked) -> Answer:
        self._world.leave_application(self._in_app(asked))
        return NOTHING

    # Playbacks and bridges

    def _stop(self, asked: Asked) -> Answer:
        self._world.end_playback(self._playback(asked), "done")
        return NOTHING

    def _create_bridge(self, asked: Asked) -> Answer:
        bridge_id = self._fresh(asked, "bridgeId")
        kind = "holding" if "holding" in asked.text("type") else "mixing"
        bridge = self._world.bridges.get(bridge_id) or FakeBridge(bridge_id, kind, asked.text("name"))
        self._world.bridges[bridge_id] = bridge
        return 200, bridge.json()

    def _destroy_bridge(self, asked: Asked) -> Answer:
        bridge = self._bridge(asked)
        for channel_id in list(bridge.channels):
            self._world.leave_bridge(bridge, self._world.channels[channel_id])
        del self._world.bridges[bridge.id]
        return NOTHING

    def _add(self, asked: Asked) -> Answer:
        bridge = self._bridge(asked)
        channels = [self._world.channels.get(name) for name in asked.text("channel").split(",")]
        for channel in channels:
            if channel is None:
                raise NoSuchRequest(400, "Channel not found")
            if not channel.app:
                raise NoSuchRequest(422, "Channel not in Stasis application")
            self._world.enter_bridge(bridge, channel)
        return NOTHING

    def _remove(self, asked: Asked) -> Answer:
        bridge = self._bridge(asked)
        for name in asked.text("channel").split(","):
            channel = self._world.channels.get(name)
            if channel is None:
                raise NoSuchRequest(400, "Channel not found")
            if name not in bridge.channels:
                raise NoSuchRequest(422, "Channel not in this bridge")
            self._world.leave_bridge(bridge, channel)
        return NOTHING


def _plain(value: Any) -> str:
    return str(value["value"]) if isinstance(value, dict) else str(value)
