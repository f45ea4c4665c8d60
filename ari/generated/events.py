"""What Asterisk tells: one class per event.

Written by `python -m ari.generate`; not edited by hand.
"""

from typing import Any

import msgspec

from ari.generated.models import (
    Bridge,
    Channel,
    ContactInfo,
    DeviceState,
    Endpoint,
    LiveRecording,
    Peer,
    Playback,
    ReferredBy,
    ReferTo,
    TextMessage,
)


class Event(msgspec.Struct, kw_only=True, gc=False, tag_field="type"):
    """What all events share. `timestamp` as Asterisk writes it: see `ari.when`."""

    application: str = ""
    timestamp: str = ""
    asterisk_id: str = ""


class ApplicationMoveFailed(Event, tag="ApplicationMoveFailed", kw_only=True):
    """Asterisk's event `ApplicationMoveFailed`."""

    channel: Channel
    destination: str = ""
    args: list[str] = []


class ApplicationRegistered(Event, tag="ApplicationRegistered", kw_only=True):
    """Asterisk's event `ApplicationRegistered`."""


class ApplicationReplaced(Event, tag="ApplicationReplaced", kw_only=True):
    """Asterisk's event `ApplicationReplaced`."""


class ApplicationUnregistered(Event, tag="ApplicationUnregistered", kw_only=True):
    """Asterisk's event `ApplicationUnregistered`."""


class BridgeAttendedTransfer(Event, tag="BridgeAttendedTransfer", kw_only=True):
    """Asterisk's event `BridgeAttendedTransfer`."""

    transferer_first_leg: Channel
    transferer_second_leg: Channel
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    transfer_target: Channel | None = None
    result: str = ""
    is_external: bool = False
    transferer_first_leg_bridge: Bridge | None = None
    transferer_second_leg_bridge: Bridge | None = None
    destination_type: str = ""
    destination_bridge: str | None = None
    destination_application: str | None = None
    destination_link_first_leg: Channel | None = None
    destination_link_second_leg: Channel | None = None
    destination_threeway_channel: Channel | None = None
    destination_threeway_bridge: Bridge | None = None


class BridgeBlindTransfer(Event, tag="BridgeBlindTransfer", kw_only=True):
    """Asterisk's event `BridgeBlindTransfer`."""

    channel: Channel
    replace_channel: Channel | None = None
    transferee: Channel | None = None
    exten: str = ""
    context: str = ""
    result: str = ""
    is_external: bool = False
    bridge: Bridge | None = None


class BridgeCreated(Event, tag="BridgeCreated", kw_only=True):
    """Asterisk's event `BridgeCreated`."""

    bridge: Bridge


class BridgeDestroyed(Event, tag="BridgeDestroyed", kw_only=True):
    """Asterisk's event `BridgeDestroyed`."""

    bridge: Bridge


class BridgeMerged(Event, tag="BridgeMerged", kw_only=True):
    """Asterisk's event `BridgeMerged`."""

    bridge: Bridge
    bridge_from: Bridge


class BridgeVideoSourceChanged(Event, tag="BridgeVideoSourceChanged", kw_only=True):
    """Asterisk's event `BridgeVideoSourceChanged`."""

    bridge: Bridge
    old_video_source_id: str | None = None


class CallBroadcast(Event, tag="CallBroadcast", kw_only=True):
    """Asterisk's event `CallBroadcast`."""

    channel: Channel
    caller: str | None = None
    called: str | None = None


class CallClaimed(Event, tag="CallClaimed", kw_only=True):
    """Asterisk's event `CallClaimed`."""

    channel: Channel
    winner_app: str = ""


class ChannelCallerId(Event, tag="ChannelCallerId", kw_only=True):
    """Asterisk's event `ChannelCallerId`."""

    caller_presentation: int = 0
    caller_presentation_txt: str = ""
    channel: Channel


class ChannelConnectedLine(Event, tag="ChannelConnectedLine", kw_only=True):
    """Asterisk's event `ChannelConnectedLine`."""

    channel: Channel


class ChannelCreated(Event, tag="ChannelCreated", kw_only=True):
    """Asterisk's event `ChannelCreated`."""

    channel: Channel


class ChannelDestroyed(Event, tag="ChannelDestroyed", kw_only=True):
    """Asterisk's event `ChannelDestroyed`."""

    cause: int = 0
    cause_txt: str = ""
    tech_cause: int | None = None
    channel: Channel


class ChannelDialplan(Event, tag="ChannelDialplan", kw_only=True):
    """Asterisk's event `ChannelDialplan`."""

    channel: Channel
    dialplan_app: str = ""
    dialplan_app_data: str = ""


class ChannelDtmfReceived(Event, tag="ChannelDtmfReceived", kw_only=True):
    """Asterisk's event `ChannelDtmfReceived`."""

    digit: str = ""
    duration_ms: int = 0
    channel: Channel


class ChannelEnteredBridge(Event, tag="ChannelEnteredBridge", kw_only=True):
    """Asterisk's event `ChannelEnteredBridge`."""

    bridge: Bridge
    channel: Channel | None = None


class ChannelHangupRequest(Event, tag="ChannelHangupRequest", kw_only=True):
    """Asterisk's event `ChannelHangupRequest`."""

    cause: int | None = None
    tech_cause: int | None = None
    soft: bool | None = None
    channel: Channel


class ChannelHold(Event, tag="ChannelHold", kw_only=True):
    """Asterisk's event `ChannelHold`."""

    channel: Channel
    musicclass: str | None = None


class ChannelLeftBridge(Event, tag="ChannelLeftBridge", kw_only=True):
    """Asterisk's event `ChannelLeftBridge`."""

    bridge: Bridge
    channel: Channel


class ChannelStateChange(Event, tag="ChannelStateChange", kw_only=True):
    """Asterisk's event `ChannelStateChange`."""

    channel: Channel


class ChannelTalkingFinished(Event, tag="ChannelTalkingFinished", kw_only=True):
    """Asterisk's event `ChannelTalkingFinished`."""

    channel: Channel
    duration: int = 0


class ChannelTalkingStarted(Event, tag="ChannelTalkingStarted", kw_only=True):
    """Asterisk's event `ChannelTalkingStarted`."""

    channel: Channel


class ChannelToneDetected(Event, tag="ChannelToneDetected", kw_only=True):
    """Asterisk's event `ChannelToneDetected`."""

    channel: Channel


class ChannelTransfer(Event, tag="ChannelTransfer", kw_only=True):
    """Asterisk's event `ChannelTransfer`."""

    state: str | None = None
    refer_to: ReferTo
    referred_by: ReferredBy


class ChannelUnhold(Event, tag="ChannelUnhold", kw_only=True):
    """Asterisk's event `ChannelUnhold`."""

    channel: Channel


class ChannelUserevent(Event, tag="ChannelUserevent", kw_only=True):
    """Asterisk's event `ChannelUserevent`."""

    eventname: str = ""
    channel: Channel | None = None
    bridge: Bridge | None = None
    endpoint: Endpoint | None = None
    userevent: dict[str, Any] = {}


class ChannelVarset(Event, tag="ChannelVarset", kw_only=True):
    """Asterisk's event `ChannelVarset`."""

    variable: str = ""
    value: str = ""
    channel: Channel | None = None


class ContactStatusChange(Event, tag="ContactStatusChange", kw_only=True):
    """Asterisk's event `ContactStatusChange`."""

    endpoint: Endpoint
    contact_info: ContactInfo


class DeviceStateChanged(Event, tag="DeviceStateChanged", kw_only=True):
    """Asterisk's event `DeviceStateChanged`."""

    device_state: DeviceState


class Dial(Event, tag="Dial", kw_only=True):
    """Asterisk's event `Dial`."""

    caller: Channel | None = None
    peer: Channel
    forward: str | None = None
    forwarded: Channel | None = None
    dialstring: str | None = None
    dialstatus: str = ""


class EndpointStateChange(Event, tag="EndpointStateChange", kw_only=True):
    """Asterisk's event `EndpointStateChange`."""

    endpoint: Endpoint


class MissingParams(Event, tag="MissingParams", kw_only=True):
    """Asterisk's event `MissingParams`."""

    params: list[str] = []


class PeerStatusChange(Event, tag="PeerStatusChange", kw_only=True):
    """Asterisk's event `PeerStatusChange`."""

    endpoint: Endpoint
    peer: Peer


class PlaybackContinuing(Event, tag="PlaybackContinuing", kw_only=True):
    """Asterisk's event `PlaybackContinuing`."""

    playback: Playback


class PlaybackFinished(Event, tag="PlaybackFinished", kw_only=True):
    """Asterisk's event `PlaybackFinished`."""

    playback: Playback


class PlaybackStarted(Event, tag="PlaybackStarted", kw_only=True):
    """Asterisk's event `PlaybackStarted`."""

    playback: Playback


class RESTResponse(Event, tag="RESTResponse", kw_only=True):
    """Asterisk's event `RESTResponse`."""

    transaction_id: str = ""
    request_id: str = ""
    status_code: int = 0
    reason_phrase: str = ""
    uri: str = ""
    content_type: str | None = None
    message_body: str | None = None


class RecordingFailed(Event, tag="RecordingFailed", kw_only=True):
    """Asterisk's event `RecordingFailed`."""

    recording: LiveRecording


class RecordingFinished(Event, tag="RecordingFinished", kw_only=True):
    """Asterisk's event `RecordingFinished`."""

    recording: LiveRecording


class RecordingStarted(Event, tag="RecordingStarted", kw_only=True):
    """Asterisk's event `RecordingStarted`."""

    recording: LiveRecording


class StasisEnd(Event, tag="StasisEnd", kw_only=True):
    """Asterisk's event `StasisEnd`."""

    channel: Channel


class StasisStart(Event, tag="StasisStart", kw_only=True):
    """Asterisk's event `StasisStart`."""

    args: list[str] = []
    channel: Channel
    replace_channel: Channel | None = None


class TextMessageReceived(Event, tag="TextMessageReceived", kw_only=True):
    """Asterisk's event `TextMessageReceived`."""

    message: TextMessage
    endpoint: Endpoint | None = None


AnyEvent = (
    ApplicationMoveFailed
    | ApplicationRegistered
    | ApplicationReplaced
    | ApplicationUnregistered
    | BridgeAttendedTransfer
    | BridgeBlindTransfer
    | BridgeCreated
    | BridgeDestroyed
    | BridgeMerged
    | BridgeVideoSourceChanged
    | CallBroadcast
    | CallClaimed
    | ChannelCallerId
    | ChannelConnectedLine
    | ChannelCreated
    | ChannelDestroyed
    | ChannelDialplan
    | ChannelDtmfReceived
    | ChannelEnteredBridge
    | ChannelHangupRequest
    | ChannelHold
    | ChannelLeftBridge
    | ChannelStateChange
    | ChannelTalkingFinished
    | ChannelTalkingStarted
    | ChannelToneDetected
    | ChannelTransfer
    | ChannelUnhold
    | ChannelUserevent
    | ChannelVarset
    | ContactStatusChange
    | DeviceStateChanged
    | Dial
    | EndpointStateChange
    | MissingParams
    | PeerStatusChange
    | PlaybackContinuing
    | PlaybackFinished
    | PlaybackStarted
    | RESTResponse
    | RecordingFailed
    | RecordingFinished
    | RecordingStarted
    | StasisEnd
    | StasisStart
    | TextMessageReceived
)

BY_NAME: dict[str, type[Event]] = {
    "ApplicationMoveFailed": ApplicationMoveFailed,
    "ApplicationRegistered": ApplicationRegistered,
    "ApplicationReplaced": ApplicationReplaced,
    "ApplicationUnregistered": ApplicationUnregistered,
    "BridgeAttendedTransfer": BridgeAttendedTransfer,
    "BridgeBlindTransfer": BridgeBlindTransfer,
    "BridgeCreated": BridgeCreated,
    "BridgeDestroyed": BridgeDestroyed,
    "BridgeMerged": BridgeMerged,
    "BridgeVideoSourceChanged": BridgeVideoSourceChanged,
    "CallBroadcast": CallBroadcast,
    "CallClaimed": CallClaimed,
    "ChannelCallerId": ChannelCallerId,
    "ChannelConnectedLine": ChannelConnectedLine,
    "ChannelCreated": ChannelCreated,
    "ChannelDestroyed": ChannelDestroyed,
    "ChannelDialplan": ChannelDialplan,
    "ChannelDtmfReceived": ChannelDtmfReceived,
    "ChannelEnteredBridge": ChannelEnteredBridge,
    "ChannelHangupRequest": ChannelHangupRequest,
    "ChannelHold": ChannelHold,
    "ChannelLeftBridge": ChannelLeftBridge,
    "ChannelStateChange": ChannelStateChange,
    "ChannelTalkingFinished": ChannelTalkingFinished,
    "ChannelTalkingStarted": ChannelTalkingStarted,
    "ChannelToneDetected": ChannelToneDetected,
    "ChannelTransfer": ChannelTransfer,
    "ChannelUnhold": ChannelUnhold,
    "ChannelUserevent": ChannelUserevent,
    "ChannelVarset": ChannelVarset,
    "ContactStatusChange": ContactStatusChange,
    "DeviceStateChanged": DeviceStateChanged,
    "Dial": Dial,
    "EndpointStateChange": EndpointStateChange,
    "MissingParams": MissingParams,
    "PeerStatusChange": PeerStatusChange,
    "PlaybackContinuing": PlaybackContinuing,
    "PlaybackFinished": PlaybackFinished,
    "PlaybackStarted": PlaybackStarted,
    "RESTResponse": RESTResponse,
    "RecordingFailed": RecordingFailed,
    "RecordingFinished": RecordingFinished,
    "RecordingStarted": RecordingStarted,
    "StasisEnd": StasisEnd,
    "StasisStart": StasisStart,
    "TextMessageReceived": TextMessageReceived,
}
