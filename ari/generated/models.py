"""The things that Asterisk's answers and events are made of.

Written by `python -m ari.generate`; not edited by hand.
"""

from typing import Any

import msgspec


class Model(msgspec.Struct, kw_only=True, gc=False):
    """What all models share."""


class Application(Model, kw_only=True):
    """Asterisk's `Application`."""

    name: str = ""
    channel_ids: list[str] = []
    bridge_ids: list[str] = []
    endpoint_ids: list[str] = []
    device_names: list[str] = []
    events_allowed: list[dict[str, Any]] = []
    events_disallowed: list[dict[str, Any]] = []


class BuildInfo(Model, kw_only=True):
    """Asterisk's `BuildInfo`."""

    os: str = ""
    kernel: str = ""
    options: str = ""
    machine: str = ""
    date: str = ""
    user: str = ""


class SystemInfo(Model, kw_only=True):
    """Asterisk's `SystemInfo`."""

    version: str = ""
    entity_id: str = ""


class SetId(Model, kw_only=True):
    """Asterisk's `SetId`."""

    user: str = ""
    group: str = ""


class ConfigInfo(Model, kw_only=True):
    """Asterisk's `ConfigInfo`."""

    name: str = ""
    default_language: str = ""
    max_channels: int | None = None
    max_open_files: int | None = None
    max_load: float | None = None
    setid: SetId


class StatusInfo(Model, kw_only=True):
    """Asterisk's `StatusInfo`."""

    startup_time: str = ""
    last_reload_time: str = ""


class AsteriskInfo(Model, kw_only=True):
    """Asterisk's `AsteriskInfo`."""

    build: BuildInfo | None = None
    system: SystemInfo | None = None
    config: ConfigInfo | None = None
    status: StatusInfo | None = None


class AsteriskPing(Model, kw_only=True):
    """Asterisk's `AsteriskPing`."""

    asterisk_id: str = ""
    ping: str = ""
    timestamp: str = ""


class Module(Model, kw_only=True):
    """Asterisk's `Module`."""

    name: str = ""
    description: str = ""
    use_count: int = 0
    status: str = ""
    support_level: str = ""


class LogChannel(Model, kw_only=True):
    """Asterisk's `LogChannel`."""

    channel: str = ""
    type: str = ""
    status: str = ""
    configuration: str = ""


class Variable(Model, kw_only=True):
    """Asterisk's `Variable`."""

    value: str = ""


class Variables(Model, kw_only=True):
    """Asterisk's `Variables`."""

    variables: dict[str, Any] = {}


class ConfigTuple(Model, kw_only=True):
    """Asterisk's `ConfigTuple`."""

    attribute: str = ""
    value: str = ""


class Bridge(Model, kw_only=True):
    """Asterisk's `Bridge`."""

    id: str
    technology: str = ""
    bridge_type: str = ""
    bridge_class: str = ""
    creator: str = ""
    name: str = ""
    channels: list[str] = []
    video_mode: str | None = None
    video_source_id: str | None = None
    creationtime: str = ""
    bridgevars: dict[str, Any] | None = None


class Dialed(Model, kw_only=True):
    """Asterisk's `Dialed`."""


class DialplanCEP(Model, kw_only=True):
    """Asterisk's `DialplanCEP`."""

    context: str = ""
    exten: str = ""
    priority: int = 0
    app_name: str = ""
    app_data: str = ""


class CallerID(Model, kw_only=True):
    """Asterisk's `CallerID`."""

    name: str = ""
    number: str = ""


class RTPstat(Model, kw_only=True):
    """Asterisk's `RTPstat`."""

    txcount: int = 0
    rxcount: int = 0
    txjitter: float | None = None
    rxjitter: float | None = None
    remote_maxjitter: float | None = None
    remote_minjitter: float | None = None
    remote_normdevjitter: float | None = None
    remote_stdevjitter: float | None = None
    local_maxjitter: float | None = None
    local_minjitter: float | None = None
    local_normdevjitter: float | None = None
    local_stdevjitter: float | None = None
    txploss: int = 0
    rxploss: int = 0
    remote_maxrxploss: float | None = None
    remote_minrxploss: float | None = None
    remote_normdevrxploss: float | None = None
    remote_stdevrxploss: float | None = None
    local_maxrxploss: float | None = None
    local_minrxploss: float | None = None
    local_normdevrxploss: float | None = None
    local_stdevrxploss: float | None = None
    rtt: float | None = None
    maxrtt: float | None = None
    minrtt: float | None = None
    normdevrtt: float | None = None
    stdevrtt: float | None = None
    local_ssrc: int = 0
    remote_ssrc: int = 0
    txoctetcount: int = 0
    rxoctetcount: int = 0
    channel_uniqueid: str = ""


class Channel(Model, kw_only=True):
    """Asterisk's `Channel`."""

    id: str
    protocol_id: str = ""
    name: str = ""
    state: str = ""
    caller: CallerID
    connected: CallerID
    accountcode: str = ""
    dialplan: DialplanCEP
    creationtime: str = ""
    language: str = ""
    channelvars: dict[str, Any] | None = None
    caller_rdnis: str | None = None
    tenantid: str | None = None


class DeviceState(Model, kw_only=True):
    """Asterisk's `DeviceState`."""

    name: str = ""
    state: str = ""


class Endpoint(Model, kw_only=True):
    """Asterisk's `Endpoint`."""

    technology: str = ""
    resource: str = ""
    state: str | None = None
    channel_ids: list[str] = []


class TextMessage(Model, kw_only=True):
    """Asterisk's `TextMessage`."""

    from_: str = msgspec.field(name="from", default="")
    to: str = ""
    body: str = ""
    variables: dict[str, Any] | None = None


class ContactInfo(Model, kw_only=True):
    """Asterisk's `ContactInfo`."""

    uri: str = ""
    contact_status: str = ""
    aor: str = ""
    roundtrip_usec: str | None = None


class Peer(Model, kw_only=True):
    """Asterisk's `Peer`."""

    peer_status: str = ""
    cause: str | None = None
    address: str | None = None
    port: str | None = None
    time: str | None = None


class AdditionalParam(Model, kw_only=True):
    """Asterisk's `AdditionalParam`."""

    parameter_name: str = ""
    parameter_value: str = ""


class RequiredDestination(Model, kw_only=True):
    """Asterisk's `RequiredDestination`."""

    protocol_id: str | None = None
    destination: str | None = None
    additional_protocol_params: list[AdditionalParam] | None = None


class ReferTo(Model, kw_only=True):
    """Asterisk's `ReferTo`."""

    requested_destination: RequiredDestination
    destination_channel: Channel | None = None
    connected_channel: Channel | None = None
    bridge: Bridge | None = None


class ReferredBy(Model, kw_only=True):
    """Asterisk's `ReferredBy`."""

    source_channel: Channel
    connected_channel: Channel | None = None
    bridge: Bridge | None = None


class Mailbox(Model, kw_only=True):
    """Asterisk's `Mailbox`."""

    name: str = ""
    old_messages: int = 0
    new_messages: int = 0


class Playback(Model, kw_only=True):
    """Asterisk's `Playback`."""

    id: str
    media_uri: str = ""
    next_media_uri: str | None = None
    target_uri: str = ""
    language: str | None = None
    state: str = ""


class StoredRecording(Model, kw_only=True):
    """Asterisk's `StoredRecording`."""

    name: str = ""
    format: str = ""


class LiveRecording(Model, kw_only=True):
    """Asterisk's `LiveRecording`."""

    name: str = ""
    format: str = ""
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str | None = None


class FormatLangPair(Model, kw_only=True):
    """Asterisk's `FormatLangPair`."""

    language: str = ""
    format: str = ""


class Sound(Model, kw_only=True):
    """Asterisk's `Sound`."""

    id: str
    text: str | None = None
    formats: list[FormatLangPair] = []
