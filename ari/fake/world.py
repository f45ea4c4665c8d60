"""What exists inside the fake: applications, channels, bridges, playbacks; and the people on the line."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Tell = Callable[[str, Json], None]  # application, event


def now() -> str:
    """Return the time as Asterisk writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


@dataclass(slots=True)
class FakeChannel:
    """A leg."""

    id: str
    name: str
    state: str = "Ring"
    caller: str = ""
    exten: str = "s"
    app: str = ""  # the Stasis application it is in; empty: in the dialplan
    args: tuple[str, ...] = ()
    answered: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    watchers: set[str] = field(default_factory=set)  # applications that hear of it
    playing: list["FakePlayback"] = field(default_factory=list)  # the first is heard, the others wait
    music: bool = False
    other: "FakeChannel | None" = None  # the far half of a Local channel
    on_answer: Callable[[], None] | None = None
    idle: asyncio.Event = field(default_factory=asyncio.Event)  # set while its thread plays nothing
    since: str = field(default_factory=now)

    def json(self) -> Json:
        """Return the channel as Asterisk describes it."""
        in_app = bool(self.app)
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "protocol_id": "",
            "caller": {"name": "", "number": self.caller},
            "connected": {"name": "", "number": ""},
            "accountcode": "",
            "dialplan": {
                "context": "fake",
                "exten": self.exten,
                "priority": 1,
                "app_name": "Stasis" if in_app else "",
                "app_data": ",".join((self.app, *self.args)) if in_app else "",
            },
            "creationtime": self.since,
            "language": "en",
        }


@dataclass(slots=True)
class FakePlayback:
    """One or several sounds for a channel."""

    id: str
    channel: FakeChannel
    media: list[str]
    language: str
    at: int = 0  # index of the sound that is heard
    state: str = "queued"

    def json(self) -> Json:
        """Return the playback as Asterisk describes it."""
        described = {
            "id": self.id,
            "media_uri": self.media[self.at],
            "target_uri": f"channel:{self.channel.id}",
            "language": self.language,
            "state": self.state,
        }
        if self.at + 1 < len(self.media):
            described["next_media_uri"] = self.media[self.at + 1]
        return described


@dataclass(slots=True)
class FakeBridge:
    """A bridge."""

    id: str
    type: str
    name: str
    channels: list[str] = field(default_factory=list)
    music: bool = False
    since: str = field(default_factory=now)

    def json(self) -> Json:
        """Return the bridge as Asterisk describes it."""
        return {
            "id": self.id,
            "technology": "simple_bridge",
            "bridge_type": self.type,
            "bridge_class": "stasis",
            "creator": "Stasis",
            "name": self.name,
            "channels": list(self.channels),
            "creationtime": self.since,
            "video_mode": "talker",
        }


class FakePhone:
    """The person at the far end of a channel."""

    def __init__(self, world: "World", channel: FakeChannel) -> None:
        self._world = world
        self.channel = channel

    @property
    def heard(self) -> list[str]:
        """Everything that began to play to this channel, in order: `sound:welcome`."""
        return self._world.heard.get(self.channel.id, [])

    @property
    def hears(self) -> str | None:
        """What is playing now, or None."""
        playing = self.channel.playing
        return playing[0].media[playing[0].at] if playing else None

    @property
    def up(self) -> bool:
        """Whether the call goes on."""
        return self.channel.id in self._world.channels

    @property
    def answered(self) -> bool:
        """Whether the call was answered."""
        return self.channel.answered

    def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self._world.key(self.channel, key)

    def listen(self) -> None:
        """Hear what is playing to its end."""
        playing = self.channel.playing
        if playing:
            self._world.sound_ended(playing[0])

    def hang_up(self, cause: int = 16) -> None:
        """Put the receiver down; `cause` is Q.850."""
        if self.up:
            self._world.end_channel(self.channel, cause, soft=False)


class World:
    """The state behind the fake's answers."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.channels: dict[str, FakeChannel] = {}
        self.bridges: dict[str, FakeBridge] = {}
        self.playbacks: dict[str, FakePlayback] = {}
        self.applications: dict[str, Json] = {}  # name → its event filter
        self.globals: dict[str, str] = {}
        self.heard: dict[str, list[str]] = {}
        self.missing_sounds: set[str] = set()
        self.on_playing: Callable[[FakePlayback], None] = lambda playback: None
        self._numbers = itertools.count(1)

    def new_channel(self, channel_id: str = "", **fields: Any) -> FakeChannel:
        """Add a leg."""
        number = next(self._numbers)
        channel = FakeChannel(id=channel_id or f"fake.{number}", name=f"Fake/phone-{number:08x}", **fields)
        channel.idle.set()
        self.channels[channel.id] = channel
        return channel

    def enter(self, channel: FakeChannel, app: str, args: tuple[str, ...]) -> bool:
        """Send a leg into an application; False when no client serves it."""
        if app not in self.applications:
            return False
        channel.app, channel.args = app, args
        channel.watchers.add(app)
        self.tell_channel(channel, {"type": "StasisStart", "args": list(args)}, only=app)
        return True

    def enter_or_end(self, channel: FakeChannel, app: str, args: tuple[str, ...]) -> None:
        """Send a leg into an application; the call ends when no client serves it."""
        if not self.enter(channel, app, args):
            self.end_channel(channel, 34, soft=False)

    def key(self, channel: FakeChannel, key: str) -> None:
        """Let a key arrive on a leg."""
        self.tell_channel(channel, {"type": "ChannelDtmfReceived", "digit": key, "duration_ms": 100})

    def tell_channel(self, channel: FakeChannel, event: Json, *, only: str = "") -> None:
        """Send an event about a leg to those who hear of it."""
        event = event | {"timestamp": now(), "channel": channel.json()}
        for app in [only] if only else sorted(channel.watchers):
            self._tell(app, event)

    def end_channel(self, channel: FakeChannel, cause: int, *, soft: bool) -> None:
        """Hang a leg up, with the events in Asterisk's order."""
        hangup: Json = {"type": "ChannelHangupRequest", "cause": 32 if soft else cause}
        self.tell_channel(channel, hangup | ({"soft": True} if soft else {}))
        for playback in list(channel.playing):
            self.end_playback(playback, "done")
        for bridge in self.bridges.values():
            if channel.id in bridge.channels:
                self.leave_bridge(bridge, channel)
        self.leave_application(channel)
        del self.channels[channel.id]
        text = {16: "Normal Clearing", 17: "User busy"}.get(cause, "Unknown")
        self.tell_channel(channel, {"type": "ChannelDestroyed", "cause": cause, "cause_txt": text})
        if channel.other is not None and channel.other.id in self.channels:
            self.end_channel(channel.other, cause, soft=False)

    def leave_application(self, channel: FakeChannel) -> None:
        """Take a leg out of its application."""
        if channel.app:
            self.tell_channel(channel, {"type": "StasisEnd"}, only=channel.app)
            channel.app = ""

    def answer(self, channel: FakeChannel) -> None:
        """Answer a leg."""
        channel.answered = True
        if channel.state != "Up":
            channel.state = "Up"
            self.tell_channel(channel, {"type": "ChannelStateChange"})
        if channel.other is not None and not channel.other.answered:
            self.answer(channel.other)
        if channel.on_answer is not None:
            entering, channel.on_answer = channel.on_answer, None
            entering()

    def play(self, playback: FakePlayback) -> None:
        """Queue a playback on its channel."""
        self.playbacks[playback.id] = playback
        playback.channel.playing.append(playback)
        playback.channel.idle.clear()
        if len(playback.channel.playing) == 1:
            self._begin(playback)

    def sound_ended(self, playback: FakePlayback) -> None:
        """The sound that is heard came to its end: the next one, or the end of the playback."""
        if playback.at + 1 == len(playback.media):
            self.end_playback(playback, "done")
            return
        playback.state = "continuing"
        self._tell_playback("PlaybackContinuing", playback)
        playback.at += 1
        self._begin(playback)

    def end_playback(self, playback: FakePlayback, state: str) -> None:
        """End a playback: `done` or `failed`."""
        was_heard = playback.channel.playing[0] is playback
        playback.channel.playing.remove(playback)
        if not playback.channel.playing:
            playback.channel.idle.set()
        self.playbacks.pop(playback.id, None)
        playback.state = state
        self._tell_playback("PlaybackFinished", playback)
        if was_heard and playback.channel.playing:
            self._begin(playback.channel.playing[0])

    def enter_bridge(self, bridge: FakeBridge, channel: FakeChannel) -> None:
        """Put a leg into a bridge, out of any other."""
        for other in self.bridges.values():
            if channel.id in other.channels:
                self.leave_bridge(other, channel)
        bridge.channels.append(channel.id)
        self.tell_channel(channel, {"type": "ChannelEnteredBridge", "bridge": bridge.json()})

    def leave_bridge(self, bridge: FakeBridge, channel: FakeChannel) -> None:
        """Take a leg out of a bridge."""
        bridge.channels.remove(channel.id)
        self.tell_channel(channel, {"type": "ChannelLeftBridge", "bridge": bridge.json()})

    def _begin(self, playback: FakePlayback) -> None:
        playback.state = "playing"
        self._tell_playback("PlaybackStarted", playback)
        sound = playback.media[playback.at]
        if sound.removeprefix("sound:") in self.missing_sounds:
            playback.at = len(playback.media) - 1
            self.end_playback(playback, "failed")
            return
        self.heard.setdefault(playback.channel.id, []).append(sound)
        self.on_playing(playback)

    def _tell_playback(self, kind: str, playback: FakePlayback) -> None:
        event = {"type": kind, "timestamp": now(), "playback": playback.json()}
        for app in sorted(playback.channel.watchers):
            self._tell(app, event)
