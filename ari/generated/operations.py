# ruff: noqa: A002, C901
"""What Asterisk can be asked: one class per group, one method each.

Written by `python -m ari.generate`; not edited by hand.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from ari.generated import models
from ari.request import Operation, QueryParameter, Reply, Request, Variables, joined, segment

_ApplicationList = list[models.Application]
_BridgeList = list[models.Bridge]
_ChannelList = list[models.Channel]
_ConfigTupleList = list[models.ConfigTuple]
_DeviceStateList = list[models.DeviceState]
_EndpointList = list[models.Endpoint]
_LogChannelList = list[models.LogChannel]
_MailboxList = list[models.Mailbox]
_ModuleList = list[models.Module]
_SoundList = list[models.Sound]
_StoredRecordingList = list[models.StoredRecording]

_APPLICATIONS_LIST: Operation[_ApplicationList] = Operation("applications.list", "GET", _ApplicationList)
_APPLICATIONS_GET: Operation[models.Application] = Operation("applications.get", "GET", models.Application)
_APPLICATIONS_SUBSCRIBE: Operation[models.Application] = Operation(
    "applications.subscribe", "POST", models.Application
)
_APPLICATIONS_UNSUBSCRIBE: Operation[models.Application] = Operation(
    "applications.unsubscribe", "DELETE", models.Application
)
_APPLICATIONS_FILTER: Operation[models.Application] = Operation(
    "applications.filter", "PUT", models.Application
)
_ASTERISK_GET_OBJECT: Operation[_ConfigTupleList] = Operation("asterisk.get_object", "GET", _ConfigTupleList)
_ASTERISK_UPDATE_OBJECT: Operation[_ConfigTupleList] = Operation(
    "asterisk.update_object", "PUT", _ConfigTupleList
)
_ASTERISK_DELETE_OBJECT: Operation[None] = Operation("asterisk.delete_object", "DELETE", type(None))
_ASTERISK_GET_INFO: Operation[models.AsteriskInfo] = Operation(
    "asterisk.get_info", "GET", models.AsteriskInfo
)
_ASTERISK_PING: Operation[models.AsteriskPing] = Operation("asterisk.ping", "GET", models.AsteriskPing)
_ASTERISK_LIST_MODULES: Operation[_ModuleList] = Operation("asterisk.list_modules", "GET", _ModuleList)
_ASTERISK_GET_MODULE: Operation[models.Module] = Operation("asterisk.get_module", "GET", models.Module)
_ASTERISK_LOAD_MODULE: Operation[None] = Operation("asterisk.load_module", "POST", type(None))
_ASTERISK_UNLOAD_MODULE: Operation[None] = Operation("asterisk.unload_module", "DELETE", type(None))
_ASTERISK_RELOAD_MODULE: Operation[None] = Operation("asterisk.reload_module", "PUT", type(None))
_ASTERISK_LIST_LOG_CHANNELS: Operation[_LogChannelList] = Operation(
    "asterisk.list_log_channels", "GET", _LogChannelList
)
_ASTERISK_ADD_LOG: Operation[None] = Operation("asterisk.add_log", "POST", type(None))
_ASTERISK_DELETE_LOG: Operation[None] = Operation("asterisk.delete_log", "DELETE", type(None))
_ASTERISK_ROTATE_LOG: Operation[None] = Operation("asterisk.rotate_log", "PUT", type(None))
_ASTERISK_GET_GLOBAL_VAR: Operation[models.Variable] = Operation(
    "asterisk.get_global_var", "GET", models.Variable
)
_ASTERISK_SET_GLOBAL_VAR: Operation[None] = Operation("asterisk.set_global_var", "POST", type(None))
_BRIDGES_LIST: Operation[_BridgeList] = Operation("bridges.list", "GET", _BridgeList)
_BRIDGES_CREATE: Operation[models.Bridge] = Operation("bridges.create", "POST", models.Bridge)
_BRIDGES_CREATE_WITH_ID: Operation[models.Bridge] = Operation("bridges.create_with_id", "POST", models.Bridge)
_BRIDGES_GET: Operation[models.Bridge] = Operation("bridges.get", "GET", models.Bridge)
_BRIDGES_DESTROY: Operation[None] = Operation("bridges.destroy", "DELETE", type(None), ends=True)
_BRIDGES_GET_BRIDGE_VAR: Operation[models.Variable] = Operation(
    "bridges.get_bridge_var", "GET", models.Variable
)
_BRIDGES_SET_BRIDGE_VAR: Operation[None] = Operation("bridges.set_bridge_var", "POST", type(None))
_BRIDGES_GET_BRIDGE_VARS: Operation[models.Variables] = Operation(
    "bridges.get_bridge_vars", "GET", models.Variables
)
_BRIDGES_SET_BRIDGE_VARS: Operation[None] = Operation("bridges.set_bridge_vars", "POST", type(None))
_BRIDGES_ADD_CHANNEL: Operation[None] = Operation("bridges.add_channel", "POST", type(None), slow=True)
_BRIDGES_REMOVE_CHANNEL: Operation[None] = Operation(
    "bridges.remove_channel", "POST", type(None), slow=True, ends=True
)
_BRIDGES_SET_VIDEO_SOURCE: Operation[None] = Operation("bridges.set_video_source", "POST", type(None))
_BRIDGES_CLEAR_VIDEO_SOURCE: Operation[None] = Operation("bridges.clear_video_source", "DELETE", type(None))
_BRIDGES_START_MOH: Operation[None] = Operation("bridges.start_moh", "POST", type(None))
_BRIDGES_STOP_MOH: Operation[None] = Operation("bridges.stop_moh", "DELETE", type(None), ends=True)
_BRIDGES_PLAY: Operation[models.Playback] = Operation("bridges.play", "POST", models.Playback)
_BRIDGES_PLAY_WITH_ID: Operation[models.Playback] = Operation("bridges.play_with_id", "POST", models.Playback)
_BRIDGES_RECORD: Operation[models.LiveRecording] = Operation("bridges.record", "POST", models.LiveRecording)
_CHANNELS_LIST: Operation[_ChannelList] = Operation("channels.list", "GET", _ChannelList)
_CHANNELS_ORIGINATE: Operation[models.Channel] = Operation("channels.originate", "POST", models.Channel)
_CHANNELS_CREATE: Operation[models.Channel] = Operation("channels.create", "POST", models.Channel)
_CHANNELS_GET: Operation[models.Channel] = Operation("channels.get", "GET", models.Channel)
_CHANNELS_ORIGINATE_WITH_ID: Operation[models.Channel] = Operation(
    "channels.originate_with_id", "POST", models.Channel
)
_CHANNELS_HANGUP: Operation[None] = Operation("channels.hangup", "DELETE", type(None), ends=True)
_CHANNELS_CONTINUE_IN_DIALPLAN: Operation[None] = Operation(
    "channels.continue_in_dialplan", "POST", type(None)
)
_CHANNELS_MOVE: Operation[None] = Operation("channels.move", "POST", type(None))
_CHANNELS_REDIRECT: Operation[None] = Operation("channels.redirect", "POST", type(None))
_CHANNELS_ANSWER: Operation[None] = Operation("channels.answer", "POST", type(None))
_CHANNELS_RING: Operation[None] = Operation("channels.ring", "POST", type(None))
_CHANNELS_RING_STOP: Operation[None] = Operation("channels.ring_stop", "DELETE", type(None), ends=True)
_CHANNELS_PROGRESS: Operation[None] = Operation("channels.progress", "POST", type(None))
_CHANNELS_SEND_DTMF: Operation[None] = Operation("channels.send_dtmf", "POST", type(None))
_CHANNELS_MUTE: Operation[None] = Operation("channels.mute", "POST", type(None))
_CHANNELS_UNMUTE: Operation[None] = Operation("channels.unmute", "DELETE", type(None))
_CHANNELS_HOLD: Operation[None] = Operation("channels.hold", "POST", type(None))
_CHANNELS_UNHOLD: Operation[None] = Operation("channels.unhold", "DELETE", type(None))
_CHANNELS_START_MOH: Operation[None] = Operation("channels.start_moh", "POST", type(None))
_CHANNELS_STOP_MOH: Operation[None] = Operation("channels.stop_moh", "DELETE", type(None), ends=True)
_CHANNELS_START_SILENCE: Operation[None] = Operation("channels.start_silence", "POST", type(None))
_CHANNELS_STOP_SILENCE: Operation[None] = Operation("channels.stop_silence", "DELETE", type(None), ends=True)
_CHANNELS_PLAY: Operation[models.Playback] = Operation("channels.play", "POST", models.Playback)
_CHANNELS_PLAY_WITH_ID: Operation[models.Playback] = Operation(
    "channels.play_with_id", "POST", models.Playback
)
_CHANNELS_RECORD: Operation[models.LiveRecording] = Operation("channels.record", "POST", models.LiveRecording)
_CHANNELS_GET_CHANNEL_VAR: Operation[models.Variable] = Operation(
    "channels.get_channel_var", "GET", models.Variable
)
_CHANNELS_SET_CHANNEL_VAR: Operation[None] = Operation(
    "channels.set_channel_var", "POST", type(None), slow=True
)
_CHANNELS_GET_CHANNEL_VARS: Operation[models.Variables] = Operation(
    "channels.get_channel_vars", "GET", models.Variables
)
_CHANNELS_SET_CHANNEL_VARS: Operation[None] = Operation(
    "channels.set_channel_vars", "POST", type(None), slow=True
)
_CHANNELS_SNOOP_CHANNEL: Operation[models.Channel] = Operation(
    "channels.snoop_channel", "POST", models.Channel
)
_CHANNELS_SNOOP_CHANNEL_WITH_ID: Operation[models.Channel] = Operation(
    "channels.snoop_channel_with_id", "POST", models.Channel
)
_CHANNELS_DIAL: Operation[None] = Operation("channels.dial", "POST", type(None))
_CHANNELS_RTPSTATISTICS: Operation[models.RTPstat] = Operation(
    "channels.rtpstatistics", "GET", models.RTPstat
)
_CHANNELS_EXTERNAL_MEDIA: Operation[models.Channel] = Operation(
    "channels.external_media", "POST", models.Channel
)
_CHANNELS_TRANSFER_PROGRESS: Operation[None] = Operation("channels.transfer_progress", "POST", type(None))
_DEVICE_STATES_LIST: Operation[_DeviceStateList] = Operation("device_states.list", "GET", _DeviceStateList)
_DEVICE_STATES_GET: Operation[models.DeviceState] = Operation("device_states.get", "GET", models.DeviceState)
_DEVICE_STATES_UPDATE: Operation[None] = Operation("device_states.update", "PUT", type(None))
_DEVICE_STATES_DELETE: Operation[None] = Operation("device_states.delete", "DELETE", type(None))
_ENDPOINTS_LIST: Operation[_EndpointList] = Operation("endpoints.list", "GET", _EndpointList)
_ENDPOINTS_SEND_MESSAGE: Operation[None] = Operation("endpoints.send_message", "PUT", type(None))
_ENDPOINTS_REFER: Operation[None] = Operation("endpoints.refer", "POST", type(None))
_ENDPOINTS_LIST_BY_TECH: Operation[_EndpointList] = Operation("endpoints.list_by_tech", "GET", _EndpointList)
_ENDPOINTS_GET: Operation[models.Endpoint] = Operation("endpoints.get", "GET", models.Endpoint)
_ENDPOINTS_SEND_MESSAGE_TO_ENDPOINT: Operation[None] = Operation(
    "endpoints.send_message_to_endpoint", "PUT", type(None)
)
_ENDPOINTS_REFER_TO_ENDPOINT: Operation[None] = Operation("endpoints.refer_to_endpoint", "POST", type(None))
_EVENTS_USER_EVENT: Operation[None] = Operation("events.user_event", "POST", type(None))
_EVENTS_CLAIM_CHANNEL: Operation[None] = Operation("events.claim_channel", "POST", type(None))
_MAILBOXES_LIST: Operation[_MailboxList] = Operation("mailboxes.list", "GET", _MailboxList)
_MAILBOXES_GET: Operation[models.Mailbox] = Operation("mailboxes.get", "GET", models.Mailbox)
_MAILBOXES_UPDATE: Operation[None] = Operation("mailboxes.update", "PUT", type(None))
_MAILBOXES_DELETE: Operation[None] = Operation("mailboxes.delete", "DELETE", type(None))
_PLAYBACKS_GET: Operation[models.Playback] = Operation("playbacks.get", "GET", models.Playback)
_PLAYBACKS_STOP: Operation[None] = Operation("playbacks.stop", "DELETE", type(None), ends=True)
_PLAYBACKS_CONTROL: Operation[None] = Operation("playbacks.control", "POST", type(None))
_RECORDINGS_LIST_STORED: Operation[_StoredRecordingList] = Operation(
    "recordings.list_stored", "GET", _StoredRecordingList
)
_RECORDINGS_GET_STORED: Operation[models.StoredRecording] = Operation(
    "recordings.get_stored", "GET", models.StoredRecording
)
_RECORDINGS_DELETE_STORED: Operation[None] = Operation("recordings.delete_stored", "DELETE", type(None))
_RECORDINGS_GET_STORED_FILE: Operation[bytes] = Operation("recordings.get_stored_file", "GET", bytes)
_RECORDINGS_COPY_STORED: Operation[models.StoredRecording] = Operation(
    "recordings.copy_stored", "POST", models.StoredRecording
)
_RECORDINGS_GET_LIVE: Operation[models.LiveRecording] = Operation(
    "recordings.get_live", "GET", models.LiveRecording
)
_RECORDINGS_CANCEL: Operation[None] = Operation("recordings.cancel", "DELETE", type(None))
_RECORDINGS_STOP: Operation[None] = Operation("recordings.stop", "POST", type(None))
_RECORDINGS_PAUSE: Operation[None] = Operation("recordings.pause", "POST", type(None))
_RECORDINGS_UNPAUSE: Operation[None] = Operation("recordings.unpause", "DELETE", type(None))
_RECORDINGS_MUTE: Operation[None] = Operation("recordings.mute", "POST", type(None))
_RECORDINGS_UNMUTE: Operation[None] = Operation("recordings.unmute", "DELETE", type(None))
_SOUNDS_LIST: Operation[_SoundList] = Operation("sounds.list", "GET", _SoundList)
_SOUNDS_GET: Operation[models.Sound] = Operation("sounds.get", "GET", models.Sound)


class Applications:
    """The operations on `applications`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def list(self, *, lane: str | None = None, deadline: float | None = None) -> Reply[_ApplicationList]:
        """Send `GET applications`."""
        query: list[QueryParameter] = []
        return self._request(_APPLICATIONS_LIST, "applications", query, None, lane, deadline)

    def get(
        self, application_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Application]:
        """Send `GET applications/{applicationName}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _APPLICATIONS_GET, f"applications/{segment(application_name)}", query, None, lane, deadline
        )

    def subscribe(
        self,
        application_name: str,
        *,
        event_source: str | Sequence[str],
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Application]:
        """Send `POST applications/{applicationName}/subscription`.

        Asterisk may refuse with 400, 404, 422.
        """
        query = [QueryParameter("eventSource", joined(event_source))]
        return self._request(
            _APPLICATIONS_SUBSCRIBE,
            f"applications/{segment(application_name)}/subscription",
            query,
            None,
            lane,
            deadline,
        )

    def unsubscribe(
        self,
        application_name: str,
        *,
        event_source: str | Sequence[str],
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Application]:
        """Send `DELETE applications/{applicationName}/subscription`.

        Asterisk may refuse with 400, 404, 409, 422.
        """
        query = [QueryParameter("eventSource", joined(event_source))]
        return self._request(
            _APPLICATIONS_UNSUBSCRIBE,
            f"applications/{segment(application_name)}/subscription",
            query,
            None,
            lane,
            deadline,
        )

    def filter(
        self,
        application_name: str,
        *,
        filter: Mapping[str, object] | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Application]:
        """Send `PUT applications/{applicationName}/eventFilter`.

        Asterisk may refuse with 400, 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _APPLICATIONS_FILTER,
            f"applications/{segment(application_name)}/eventFilter",
            query,
            None if filter is None else filter,
            lane,
            deadline,
        )


class Asterisk:
    """The operations on `asterisk`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def get_object(
        self,
        config_class: str,
        object_type: str,
        id: str,
        *,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[_ConfigTupleList]:
        """Send `GET asterisk/config/dynamic/{configClass}/{objectType}/{id}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_GET_OBJECT,
            f"asterisk/config/dynamic/{segment(config_class)}/{segment(object_type)}/{segment(id)}",
            query,
            None,
            lane,
            deadline,
        )

    def update_object(
        self,
        config_class: str,
        object_type: str,
        id: str,
        *,
        fields: Sequence[models.ConfigTuple] | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[_ConfigTupleList]:
        """Send `PUT asterisk/config/dynamic/{configClass}/{objectType}/{id}`.

        Asterisk may refuse with 400, 403, 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_UPDATE_OBJECT,
            f"asterisk/config/dynamic/{segment(config_class)}/{segment(object_type)}/{segment(id)}",
            query,
            None if fields is None else {"fields": fields},
            lane,
            deadline,
        )

    def delete_object(
        self,
        config_class: str,
        object_type: str,
        id: str,
        *,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `DELETE asterisk/config/dynamic/{configClass}/{objectType}/{id}`.

        Asterisk may refuse with 403, 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_DELETE_OBJECT,
            f"asterisk/config/dynamic/{segment(config_class)}/{segment(object_type)}/{segment(id)}",
            query,
            None,
            lane,
            deadline,
        )

    def get_info(
        self,
        *,
        only: Literal["build", "system", "config", "status"]
        | Sequence[Literal["build", "system", "config", "status"]]
        | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.AsteriskInfo]:
        """Send `GET asterisk/info`."""
        query = []
        if only is not None:
            query.append(QueryParameter("only", joined(only)))
        return self._request(_ASTERISK_GET_INFO, "asterisk/info", query, None, lane, deadline)

    def ping(self, *, lane: str | None = None, deadline: float | None = None) -> Reply[models.AsteriskPing]:
        """Send `GET asterisk/ping`."""
        query: list[QueryParameter] = []
        return self._request(_ASTERISK_PING, "asterisk/ping", query, None, lane, deadline)

    def list_modules(self, *, lane: str | None = None, deadline: float | None = None) -> Reply[_ModuleList]:
        """Send `GET asterisk/modules`."""
        query: list[QueryParameter] = []
        return self._request(_ASTERISK_LIST_MODULES, "asterisk/modules", query, None, lane, deadline)

    def get_module(
        self, module_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Module]:
        """Send `GET asterisk/modules/{moduleName}`.

        Asterisk may refuse with 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_GET_MODULE, f"asterisk/modules/{segment(module_name)}", query, None, lane, deadline
        )

    def load_module(
        self, module_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST asterisk/modules/{moduleName}`.

        Asterisk may refuse with 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_LOAD_MODULE, f"asterisk/modules/{segment(module_name)}", query, None, lane, deadline
        )

    def unload_module(
        self, module_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE asterisk/modules/{moduleName}`.

        Asterisk may refuse with 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_UNLOAD_MODULE, f"asterisk/modules/{segment(module_name)}", query, None, lane, deadline
        )

    def reload_module(
        self, module_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `PUT asterisk/modules/{moduleName}`.

        Asterisk may refuse with 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_RELOAD_MODULE, f"asterisk/modules/{segment(module_name)}", query, None, lane, deadline
        )

    def list_log_channels(
        self, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[_LogChannelList]:
        """Send `GET asterisk/logging`."""
        query: list[QueryParameter] = []
        return self._request(_ASTERISK_LIST_LOG_CHANNELS, "asterisk/logging", query, None, lane, deadline)

    def add_log(
        self,
        log_channel_name: str,
        *,
        configuration: str,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST asterisk/logging/{logChannelName}`.

        Asterisk may refuse with 400, 409.
        """
        query = [QueryParameter("configuration", configuration)]
        return self._request(
            _ASTERISK_ADD_LOG, f"asterisk/logging/{segment(log_channel_name)}", query, None, lane, deadline
        )

    def delete_log(
        self, log_channel_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE asterisk/logging/{logChannelName}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_DELETE_LOG, f"asterisk/logging/{segment(log_channel_name)}", query, None, lane, deadline
        )

    def rotate_log(
        self, log_channel_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `PUT asterisk/logging/{logChannelName}/rotate`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ASTERISK_ROTATE_LOG,
            f"asterisk/logging/{segment(log_channel_name)}/rotate",
            query,
            None,
            lane,
            deadline,
        )

    def get_global_var(
        self, *, variable: str, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Variable]:
        """Send `GET asterisk/variable`.

        Asterisk may refuse with 400.
        """
        query = [QueryParameter("variable", variable)]
        return self._request(_ASTERISK_GET_GLOBAL_VAR, "asterisk/variable", query, None, lane, deadline)

    def set_global_var(
        self,
        *,
        variable: str,
        value: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST asterisk/variable`.

        Asterisk may refuse with 400.
        """
        query = [QueryParameter("variable", variable)]
        if value is not None:
            query.append(QueryParameter("value", value))
        return self._request(_ASTERISK_SET_GLOBAL_VAR, "asterisk/variable", query, None, lane, deadline)


class Bridges:
    """The operations on `bridges`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def list(self, *, lane: str | None = None, deadline: float | None = None) -> Reply[_BridgeList]:
        """Send `GET bridges`."""
        query: list[QueryParameter] = []
        return self._request(_BRIDGES_LIST, "bridges", query, None, lane, deadline)

    def create(
        self,
        *,
        type: str | None = None,
        bridge_id: str | None = None,
        name: str | None = None,
        variables: Variables | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Bridge]:
        """Send `POST bridges`.

        Asterisk may refuse with 409.
        """
        query = []
        if type is not None:
            query.append(QueryParameter("type", type))
        if bridge_id is not None:
            query.append(QueryParameter("bridgeId", bridge_id))
        if name is not None:
            query.append(QueryParameter("name", name))
        return self._request(
            _BRIDGES_CREATE,
            "bridges",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def create_with_id(
        self,
        bridge_id: str,
        *,
        type: str | None = None,
        name: str | None = None,
        variables: Variables | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Bridge]:
        """Send `POST bridges/{bridgeId}`.

        Asterisk may refuse with 409.
        """
        query = []
        if type is not None:
            query.append(QueryParameter("type", type))
        if name is not None:
            query.append(QueryParameter("name", name))
        return self._request(
            _BRIDGES_CREATE_WITH_ID,
            f"bridges/{segment(bridge_id)}",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def get(
        self, bridge_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Bridge]:
        """Send `GET bridges/{bridgeId}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(_BRIDGES_GET, f"bridges/{segment(bridge_id)}", query, None, lane, deadline)

    def destroy(
        self, bridge_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE bridges/{bridgeId}`.

        Asterisk may refuse with 404.
        Done, too, when the thing is gone already.
        """
        query: list[QueryParameter] = []
        return self._request(_BRIDGES_DESTROY, f"bridges/{segment(bridge_id)}", query, None, lane, deadline)

    def get_bridge_var(
        self, bridge_id: str, *, variable: str, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Variable]:
        """Send `GET bridges/{bridgeId}/variable`.

        Asterisk may refuse with 400, 404, 409.
        """
        query = [QueryParameter("variable", variable)]
        return self._request(
            _BRIDGES_GET_BRIDGE_VAR, f"bridges/{segment(bridge_id)}/variable", query, None, lane, deadline
        )

    def set_bridge_var(
        self,
        bridge_id: str,
        *,
        variable: str,
        value: str | None = None,
        report_events: bool | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST bridges/{bridgeId}/variable`.

        Asterisk may refuse with 400, 404, 409.
        """
        query = [QueryParameter("variable", variable)]
        if value is not None:
            query.append(QueryParameter("value", value))
        if report_events is not None:
            query.append(QueryParameter("report_events", "true" if report_events else "false"))
        return self._request(
            _BRIDGES_SET_BRIDGE_VAR, f"bridges/{segment(bridge_id)}/variable", query, None, lane, deadline
        )

    def get_bridge_vars(
        self,
        bridge_id: str,
        *,
        variables: str | Sequence[str],
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Variables]:
        """Send `GET bridges/{bridgeId}/variables`.

        Asterisk may refuse with 400, 404, 409.
        """
        query = [QueryParameter("variables", joined(variables))]
        return self._request(
            _BRIDGES_GET_BRIDGE_VARS, f"bridges/{segment(bridge_id)}/variables", query, None, lane, deadline
        )

    def set_bridge_vars(
        self, bridge_id: str, *, variables: Variables, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST bridges/{bridgeId}/variables`.

        Asterisk may refuse with 400, 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _BRIDGES_SET_BRIDGE_VARS,
            f"bridges/{segment(bridge_id)}/variables",
            query,
            {"variables": variables},
            lane,
            deadline,
        )

    def add_channel(
        self,
        bridge_id: str,
        *,
        channel: str | Sequence[str],
        role: str | None = None,
        absorb_dtmf: bool | None = None,
        mute: bool | None = None,
        inhibit_connected_line_updates: bool | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST bridges/{bridgeId}/addChannel`.

        Asterisk may refuse with 400, 404, 409, 422.
        May wait for the channel's thread: the slow lane unless told otherwise.
        """
        query = [QueryParameter("channel", joined(channel))]
        if role is not None:
            query.append(QueryParameter("role", role))
        if absorb_dtmf is not None:
            query.append(QueryParameter("absorbDTMF", "true" if absorb_dtmf else "false"))
        if mute is not None:
            query.append(QueryParameter("mute", "true" if mute else "false"))
        if inhibit_connected_line_updates is not None:
            query.append(
                QueryParameter(
                    "inhibitConnectedLineUpdates", "true" if inhibit_connected_line_updates else "false"
                )
            )
        return self._request(
            _BRIDGES_ADD_CHANNEL, f"bridges/{segment(bridge_id)}/addChannel", query, None, lane, deadline
        )

    def remove_channel(
        self,
        bridge_id: str,
        *,
        channel: str | Sequence[str],
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST bridges/{bridgeId}/removeChannel`.

        Asterisk may refuse with 400, 404, 409, 422.
        Done, too, when the thing is gone already.
        May wait for the channel's thread: the slow lane unless told otherwise.
        """
        query = [QueryParameter("channel", joined(channel))]
        return self._request(
            _BRIDGES_REMOVE_CHANNEL,
            f"bridges/{segment(bridge_id)}/removeChannel",
            query,
            None,
            lane,
            deadline,
        )

    def set_video_source(
        self, bridge_id: str, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST bridges/{bridgeId}/videoSource/{channelId}`.

        Asterisk may refuse with 404, 409, 422.
        """
        query: list[QueryParameter] = []
        return self._request(
            _BRIDGES_SET_VIDEO_SOURCE,
            f"bridges/{segment(bridge_id)}/videoSource/{segment(channel_id)}",
            query,
            None,
            lane,
            deadline,
        )

    def clear_video_source(
        self, bridge_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE bridges/{bridgeId}/videoSource`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _BRIDGES_CLEAR_VIDEO_SOURCE,
            f"bridges/{segment(bridge_id)}/videoSource",
            query,
            None,
            lane,
            deadline,
        )

    def start_moh(
        self,
        bridge_id: str,
        *,
        moh_class: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST bridges/{bridgeId}/moh`.

        Asterisk may refuse with 404, 409.
        """
        query = []
        if moh_class is not None:
            query.append(QueryParameter("mohClass", moh_class))
        return self._request(
            _BRIDGES_START_MOH, f"bridges/{segment(bridge_id)}/moh", query, None, lane, deadline
        )

    def stop_moh(
        self, bridge_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE bridges/{bridgeId}/moh`.

        Asterisk may refuse with 404, 409.
        Done, too, when the thing is gone already.
        """
        query: list[QueryParameter] = []
        return self._request(
            _BRIDGES_STOP_MOH, f"bridges/{segment(bridge_id)}/moh", query, None, lane, deadline
        )

    def play(
        self,
        bridge_id: str,
        *,
        media: str | Sequence[str],
        announcer_format: str | None = None,
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
        playback_id: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Playback]:
        """Send `POST bridges/{bridgeId}/play`.

        Asterisk may refuse with 404, 409, 422.
        """
        query = [QueryParameter("media", joined(media))]
        if announcer_format is not None:
            query.append(QueryParameter("announcer_format", announcer_format))
        if lang is not None:
            query.append(QueryParameter("lang", lang))
        if offsetms is not None:
            query.append(QueryParameter("offsetms", str(offsetms)))
        if skipms is not None:
            query.append(QueryParameter("skipms", str(skipms)))
        if playback_id is not None:
            query.append(QueryParameter("playbackId", playback_id))
        return self._request(_BRIDGES_PLAY, f"bridges/{segment(bridge_id)}/play", query, None, lane, deadline)

    def play_with_id(
        self,
        bridge_id: str,
        playback_id: str,
        *,
        media: str | Sequence[str],
        announcer_format: str | None = None,
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Playback]:
        """Send `POST bridges/{bridgeId}/play/{playbackId}`.

        Asterisk may refuse with 404, 409, 422.
        """
        query = [QueryParameter("media", joined(media))]
        if announcer_format is not None:
            query.append(QueryParameter("announcer_format", announcer_format))
        if lang is not None:
            query.append(QueryParameter("lang", lang))
        if offsetms is not None:
            query.append(QueryParameter("offsetms", str(offsetms)))
        if skipms is not None:
            query.append(QueryParameter("skipms", str(skipms)))
        return self._request(
            _BRIDGES_PLAY_WITH_ID,
            f"bridges/{segment(bridge_id)}/play/{segment(playback_id)}",
            query,
            None,
            lane,
            deadline,
        )

    def record(
        self,
        bridge_id: str,
        *,
        name: str,
        format: str,
        recorder_format: str | None = None,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: Literal["fail", "overwrite", "append"] | None = None,
        beep: bool | None = None,
        terminate_on: Literal["none", "any", "*", "#"] | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.LiveRecording]:
        """Send `POST bridges/{bridgeId}/record`.

        Asterisk may refuse with 400, 404, 409, 422.
        """
        query = [QueryParameter("name", name), QueryParameter("format", format)]
        if recorder_format is not None:
            query.append(QueryParameter("recorder_format", recorder_format))
        if max_duration_seconds is not None:
            query.append(QueryParameter("maxDurationSeconds", str(max_duration_seconds)))
        if max_silence_seconds is not None:
            query.append(QueryParameter("maxSilenceSeconds", str(max_silence_seconds)))
        if if_exists is not None:
            query.append(QueryParameter("ifExists", if_exists))
        if beep is not None:
            query.append(QueryParameter("beep", "true" if beep else "false"))
        if terminate_on is not None:
            query.append(QueryParameter("terminateOn", terminate_on))
        return self._request(
            _BRIDGES_RECORD, f"bridges/{segment(bridge_id)}/record", query, None, lane, deadline
        )


class Channels:
    """The operations on `channels`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def list(self, *, lane: str | None = None, deadline: float | None = None) -> Reply[_ChannelList]:
        """Send `GET channels`."""
        query: list[QueryParameter] = []
        return self._request(_CHANNELS_LIST, "channels", query, None, lane, deadline)

    def originate(
        self,
        *,
        endpoint: str,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        app: str | None = None,
        app_args: str | None = None,
        caller_id: str | None = None,
        timeout: int | None = None,
        variables: Variables | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Channel]:
        """Send `POST channels`.

        Asterisk may refuse with 400, 409.
        """
        query = [QueryParameter("endpoint", endpoint)]
        if extension is not None:
            query.append(QueryParameter("extension", extension))
        if context is not None:
            query.append(QueryParameter("context", context))
        if priority is not None:
            query.append(QueryParameter("priority", str(priority)))
        if label is not None:
            query.append(QueryParameter("label", label))
        if app is not None:
            query.append(QueryParameter("app", app))
        if app_args is not None:
            query.append(QueryParameter("appArgs", app_args))
        if caller_id is not None:
            query.append(QueryParameter("callerId", caller_id))
        if timeout is not None:
            query.append(QueryParameter("timeout", str(timeout)))
        if channel_id is not None:
            query.append(QueryParameter("channelId", channel_id))
        if other_channel_id is not None:
            query.append(QueryParameter("otherChannelId", other_channel_id))
        if originator is not None:
            query.append(QueryParameter("originator", originator))
        if formats is not None:
            query.append(QueryParameter("formats", formats))
        return self._request(
            _CHANNELS_ORIGINATE,
            "channels",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def create(
        self,
        *,
        endpoint: str,
        app: str,
        app_args: str | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
        variables: Variables | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Channel]:
        """Send `POST channels/create`.

        Asterisk may refuse with 409.
        """
        query = [QueryParameter("endpoint", endpoint), QueryParameter("app", app)]
        if app_args is not None:
            query.append(QueryParameter("appArgs", app_args))
        if channel_id is not None:
            query.append(QueryParameter("channelId", channel_id))
        if other_channel_id is not None:
            query.append(QueryParameter("otherChannelId", other_channel_id))
        if originator is not None:
            query.append(QueryParameter("originator", originator))
        if formats is not None:
            query.append(QueryParameter("formats", formats))
        return self._request(
            _CHANNELS_CREATE,
            "channels/create",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def get(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Channel]:
        """Send `GET channels/{channelId}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(_CHANNELS_GET, f"channels/{segment(channel_id)}", query, None, lane, deadline)

    def originate_with_id(
        self,
        channel_id: str,
        *,
        endpoint: str,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        app: str | None = None,
        app_args: str | None = None,
        caller_id: str | None = None,
        timeout: int | None = None,
        variables: Variables | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Channel]:
        """Send `POST channels/{channelId}`.

        Asterisk may refuse with 400, 409.
        """
        query = [QueryParameter("endpoint", endpoint)]
        if extension is not None:
            query.append(QueryParameter("extension", extension))
        if context is not None:
            query.append(QueryParameter("context", context))
        if priority is not None:
            query.append(QueryParameter("priority", str(priority)))
        if label is not None:
            query.append(QueryParameter("label", label))
        if app is not None:
            query.append(QueryParameter("app", app))
        if app_args is not None:
            query.append(QueryParameter("appArgs", app_args))
        if caller_id is not None:
            query.append(QueryParameter("callerId", caller_id))
        if timeout is not None:
            query.append(QueryParameter("timeout", str(timeout)))
        if other_channel_id is not None:
            query.append(QueryParameter("otherChannelId", other_channel_id))
        if originator is not None:
            query.append(QueryParameter("originator", originator))
        if formats is not None:
            query.append(QueryParameter("formats", formats))
        return self._request(
            _CHANNELS_ORIGINATE_WITH_ID,
            f"channels/{segment(channel_id)}",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def hangup(
        self,
        channel_id: str,
        *,
        reason_code: str | None = None,
        reason: Literal[
            "normal",
            "busy",
            "congestion",
            "no_answer",
            "timeout",
            "rejected",
            "unallocated",
            "normal_unspecified",
            "number_incomplete",
            "codec_mismatch",
            "interworking",
            "failure",
            "answered_elsewhere",
        ]
        | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `DELETE channels/{channelId}`.

        Asterisk may refuse with 400, 404.
        Done, too, when the thing is gone already.
        """
        query = []
        if reason_code is not None:
            query.append(QueryParameter("reason_code", reason_code))
        if reason is not None:
            query.append(QueryParameter("reason", reason))
        return self._request(_CHANNELS_HANGUP, f"channels/{segment(channel_id)}", query, None, lane, deadline)

    def continue_in_dialplan(
        self,
        channel_id: str,
        *,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/continue`.

        Asterisk may refuse with 404, 409, 412.
        """
        query = []
        if context is not None:
            query.append(QueryParameter("context", context))
        if extension is not None:
            query.append(QueryParameter("extension", extension))
        if priority is not None:
            query.append(QueryParameter("priority", str(priority)))
        if label is not None:
            query.append(QueryParameter("label", label))
        return self._request(
            _CHANNELS_CONTINUE_IN_DIALPLAN,
            f"channels/{segment(channel_id)}/continue",
            query,
            None,
            lane,
            deadline,
        )

    def move(
        self,
        channel_id: str,
        *,
        app: str,
        app_args: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/move`.

        Asterisk may refuse with 404, 409.
        """
        query = [QueryParameter("app", app)]
        if app_args is not None:
            query.append(QueryParameter("appArgs", app_args))
        return self._request(
            _CHANNELS_MOVE, f"channels/{segment(channel_id)}/move", query, None, lane, deadline
        )

    def redirect(
        self, channel_id: str, *, endpoint: str, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/redirect`.

        Asterisk may refuse with 400, 404, 409, 412, 422.
        """
        query = [QueryParameter("endpoint", endpoint)]
        return self._request(
            _CHANNELS_REDIRECT, f"channels/{segment(channel_id)}/redirect", query, None, lane, deadline
        )

    def answer(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/answer`.

        Asterisk may refuse with 404, 409, 412.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_ANSWER, f"channels/{segment(channel_id)}/answer", query, None, lane, deadline
        )

    def ring(self, channel_id: str, *, lane: str | None = None, deadline: float | None = None) -> Reply[None]:
        """Send `POST channels/{channelId}/ring`.

        Asterisk may refuse with 404, 409, 412.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_RING, f"channels/{segment(channel_id)}/ring", query, None, lane, deadline
        )

    def ring_stop(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE channels/{channelId}/ring`.

        Asterisk may refuse with 404, 409, 412.
        Done, too, when the thing is gone already.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_RING_STOP, f"channels/{segment(channel_id)}/ring", query, None, lane, deadline
        )

    def progress(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/progress`.

        Asterisk may refuse with 404, 409, 412.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_PROGRESS, f"channels/{segment(channel_id)}/progress", query, None, lane, deadline
        )

    def send_dtmf(
        self,
        channel_id: str,
        *,
        dtmf: str | None = None,
        before: int | None = None,
        between: int | None = None,
        duration: int | None = None,
        after: int | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/dtmf`.

        Asterisk may refuse with 400, 404, 409, 412.
        """
        query = []
        if dtmf is not None:
            query.append(QueryParameter("dtmf", dtmf))
        if before is not None:
            query.append(QueryParameter("before", str(before)))
        if between is not None:
            query.append(QueryParameter("between", str(between)))
        if duration is not None:
            query.append(QueryParameter("duration", str(duration)))
        if after is not None:
            query.append(QueryParameter("after", str(after)))
        return self._request(
            _CHANNELS_SEND_DTMF, f"channels/{segment(channel_id)}/dtmf", query, None, lane, deadline
        )

    def mute(
        self,
        channel_id: str,
        *,
        direction: Literal["both", "in", "out"] | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/mute`.

        Asterisk may refuse with 404, 409, 412.
        """
        query = []
        if direction is not None:
            query.append(QueryParameter("direction", direction))
        return self._request(
            _CHANNELS_MUTE, f"channels/{segment(channel_id)}/mute", query, None, lane, deadline
        )

    def unmute(
        self,
        channel_id: str,
        *,
        direction: Literal["both", "in", "out"] | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `DELETE channels/{channelId}/mute`.

        Asterisk may refuse with 404, 409, 412.
        """
        query = []
        if direction is not None:
            query.append(QueryParameter("direction", direction))
        return self._request(
            _CHANNELS_UNMUTE, f"channels/{segment(channel_id)}/mute", query, None, lane, deadline
        )

    def hold(self, channel_id: str, *, lane: str | None = None, deadline: float | None = None) -> Reply[None]:
        """Send `POST channels/{channelId}/hold`.

        Asterisk may refuse with 404, 409, 412.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_HOLD, f"channels/{segment(channel_id)}/hold", query, None, lane, deadline
        )

    def unhold(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE channels/{channelId}/hold`.

        Asterisk may refuse with 404, 409, 412.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_UNHOLD, f"channels/{segment(channel_id)}/hold", query, None, lane, deadline
        )

    def start_moh(
        self,
        channel_id: str,
        *,
        moh_class: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/moh`.

        Asterisk may refuse with 404, 409, 412.
        """
        query = []
        if moh_class is not None:
            query.append(QueryParameter("mohClass", moh_class))
        return self._request(
            _CHANNELS_START_MOH, f"channels/{segment(channel_id)}/moh", query, None, lane, deadline
        )

    def stop_moh(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE channels/{channelId}/moh`.

        Asterisk may refuse with 404, 409, 412.
        Done, too, when the thing is gone already.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_STOP_MOH, f"channels/{segment(channel_id)}/moh", query, None, lane, deadline
        )

    def start_silence(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/silence`.

        Asterisk may refuse with 404, 409, 412.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_START_SILENCE, f"channels/{segment(channel_id)}/silence", query, None, lane, deadline
        )

    def stop_silence(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE channels/{channelId}/silence`.

        Asterisk may refuse with 404, 409, 412.
        Done, too, when the thing is gone already.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_STOP_SILENCE, f"channels/{segment(channel_id)}/silence", query, None, lane, deadline
        )

    def play(
        self,
        channel_id: str,
        *,
        media: str | Sequence[str],
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
        playback_id: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Playback]:
        """Send `POST channels/{channelId}/play`.

        Asterisk may refuse with 404, 409, 412.
        """
        query = [QueryParameter("media", joined(media))]
        if lang is not None:
            query.append(QueryParameter("lang", lang))
        if offsetms is not None:
            query.append(QueryParameter("offsetms", str(offsetms)))
        if skipms is not None:
            query.append(QueryParameter("skipms", str(skipms)))
        if playback_id is not None:
            query.append(QueryParameter("playbackId", playback_id))
        return self._request(
            _CHANNELS_PLAY, f"channels/{segment(channel_id)}/play", query, None, lane, deadline
        )

    def play_with_id(
        self,
        channel_id: str,
        playback_id: str,
        *,
        media: str | Sequence[str],
        lang: str | None = None,
        offsetms: int | None = None,
        skipms: int | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Playback]:
        """Send `POST channels/{channelId}/play/{playbackId}`.

        Asterisk may refuse with 404, 409, 412.
        """
        query = [QueryParameter("media", joined(media))]
        if lang is not None:
            query.append(QueryParameter("lang", lang))
        if offsetms is not None:
            query.append(QueryParameter("offsetms", str(offsetms)))
        if skipms is not None:
            query.append(QueryParameter("skipms", str(skipms)))
        return self._request(
            _CHANNELS_PLAY_WITH_ID,
            f"channels/{segment(channel_id)}/play/{segment(playback_id)}",
            query,
            None,
            lane,
            deadline,
        )

    def record(
        self,
        channel_id: str,
        *,
        name: str,
        format: str,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: Literal["fail", "overwrite", "append"] | None = None,
        beep: bool | None = None,
        terminate_on: Literal["none", "any", "*", "#"] | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.LiveRecording]:
        """Send `POST channels/{channelId}/record`.

        Asterisk may refuse with 400, 404, 409, 422.
        """
        query = [QueryParameter("name", name), QueryParameter("format", format)]
        if max_duration_seconds is not None:
            query.append(QueryParameter("maxDurationSeconds", str(max_duration_seconds)))
        if max_silence_seconds is not None:
            query.append(QueryParameter("maxSilenceSeconds", str(max_silence_seconds)))
        if if_exists is not None:
            query.append(QueryParameter("ifExists", if_exists))
        if beep is not None:
            query.append(QueryParameter("beep", "true" if beep else "false"))
        if terminate_on is not None:
            query.append(QueryParameter("terminateOn", terminate_on))
        return self._request(
            _CHANNELS_RECORD, f"channels/{segment(channel_id)}/record", query, None, lane, deadline
        )

    def get_channel_var(
        self, channel_id: str, *, variable: str, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Variable]:
        """Send `GET channels/{channelId}/variable`.

        Asterisk may refuse with 400, 404, 409.
        """
        query = [QueryParameter("variable", variable)]
        return self._request(
            _CHANNELS_GET_CHANNEL_VAR, f"channels/{segment(channel_id)}/variable", query, None, lane, deadline
        )

    def set_channel_var(
        self,
        channel_id: str,
        *,
        variable: str,
        value: str | None = None,
        report_events: bool | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/variable`.

        Asterisk may refuse with 400, 404, 409.
        May wait for the channel's thread: the slow lane unless told otherwise.
        """
        query = [QueryParameter("variable", variable)]
        if value is not None:
            query.append(QueryParameter("value", value))
        if report_events is not None:
            query.append(QueryParameter("report_events", "true" if report_events else "false"))
        return self._request(
            _CHANNELS_SET_CHANNEL_VAR, f"channels/{segment(channel_id)}/variable", query, None, lane, deadline
        )

    def get_channel_vars(
        self,
        channel_id: str,
        *,
        variables: str | Sequence[str],
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Variables]:
        """Send `GET channels/{channelId}/variables`.

        Asterisk may refuse with 400, 404, 409.
        """
        query = [QueryParameter("variables", joined(variables))]
        return self._request(
            _CHANNELS_GET_CHANNEL_VARS,
            f"channels/{segment(channel_id)}/variables",
            query,
            None,
            lane,
            deadline,
        )

    def set_channel_vars(
        self, channel_id: str, *, variables: Variables, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/variables`.

        Asterisk may refuse with 400, 404, 409.
        May wait for the channel's thread: the slow lane unless told otherwise.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_SET_CHANNEL_VARS,
            f"channels/{segment(channel_id)}/variables",
            query,
            {"variables": variables},
            lane,
            deadline,
        )

    def snoop_channel(
        self,
        channel_id: str,
        *,
        app: str,
        spy: Literal["none", "both", "out", "in"] | None = None,
        whisper: Literal["none", "both", "out", "in"] | None = None,
        app_args: str | None = None,
        snoop_id: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Channel]:
        """Send `POST channels/{channelId}/snoop`.

        Asterisk may refuse with 400, 404.
        """
        query = [QueryParameter("app", app)]
        if spy is not None:
            query.append(QueryParameter("spy", spy))
        if whisper is not None:
            query.append(QueryParameter("whisper", whisper))
        if app_args is not None:
            query.append(QueryParameter("appArgs", app_args))
        if snoop_id is not None:
            query.append(QueryParameter("snoopId", snoop_id))
        return self._request(
            _CHANNELS_SNOOP_CHANNEL, f"channels/{segment(channel_id)}/snoop", query, None, lane, deadline
        )

    def snoop_channel_with_id(
        self,
        channel_id: str,
        snoop_id: str,
        *,
        app: str,
        spy: Literal["none", "both", "out", "in"] | None = None,
        whisper: Literal["none", "both", "out", "in"] | None = None,
        app_args: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Channel]:
        """Send `POST channels/{channelId}/snoop/{snoopId}`.

        Asterisk may refuse with 400, 404.
        """
        query = [QueryParameter("app", app)]
        if spy is not None:
            query.append(QueryParameter("spy", spy))
        if whisper is not None:
            query.append(QueryParameter("whisper", whisper))
        if app_args is not None:
            query.append(QueryParameter("appArgs", app_args))
        return self._request(
            _CHANNELS_SNOOP_CHANNEL_WITH_ID,
            f"channels/{segment(channel_id)}/snoop/{segment(snoop_id)}",
            query,
            None,
            lane,
            deadline,
        )

    def dial(
        self,
        channel_id: str,
        *,
        caller: str | None = None,
        timeout: int | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/dial`.

        Asterisk may refuse with 404, 409.
        """
        query = []
        if caller is not None:
            query.append(QueryParameter("caller", caller))
        if timeout is not None:
            query.append(QueryParameter("timeout", str(timeout)))
        return self._request(
            _CHANNELS_DIAL, f"channels/{segment(channel_id)}/dial", query, None, lane, deadline
        )

    def rtpstatistics(
        self, channel_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.RTPstat]:
        """Send `GET channels/{channelId}/rtp_statistics`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _CHANNELS_RTPSTATISTICS,
            f"channels/{segment(channel_id)}/rtp_statistics",
            query,
            None,
            lane,
            deadline,
        )

    def external_media(
        self,
        *,
        app: str,
        format: str,
        channel_id: str | None = None,
        variables: Variables | None = None,
        external_host: str | None = None,
        encapsulation: Literal["rtp", "audiosocket", "none"] | None = None,
        transport: Literal["udp", "tcp", "websocket"] | None = None,
        connection_type: Literal["client", "server"] | None = None,
        direction: Literal["both"] | None = None,
        data: str | None = None,
        transport_data: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.Channel]:
        """Send `POST channels/externalMedia`.

        Asterisk may refuse with 400, 409.
        """
        query = [QueryParameter("app", app), QueryParameter("format", format)]
        if channel_id is not None:
            query.append(QueryParameter("channelId", channel_id))
        if external_host is not None:
            query.append(QueryParameter("external_host", external_host))
        if encapsulation is not None:
            query.append(QueryParameter("encapsulation", encapsulation))
        if transport is not None:
            query.append(QueryParameter("transport", transport))
        if connection_type is not None:
            query.append(QueryParameter("connection_type", connection_type))
        if direction is not None:
            query.append(QueryParameter("direction", direction))
        if data is not None:
            query.append(QueryParameter("data", data))
        if transport_data is not None:
            query.append(QueryParameter("transport_data", transport_data))
        return self._request(
            _CHANNELS_EXTERNAL_MEDIA,
            "channels/externalMedia",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def transfer_progress(
        self, channel_id: str, *, states: str, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST channels/{channelId}/transfer_progress`.

        Asterisk may refuse with 400, 404, 409, 412.
        """
        query = [QueryParameter("states", states)]
        return self._request(
            _CHANNELS_TRANSFER_PROGRESS,
            f"channels/{segment(channel_id)}/transfer_progress",
            query,
            None,
            lane,
            deadline,
        )


class DeviceStates:
    """The operations on `deviceStates`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def list(self, *, lane: str | None = None, deadline: float | None = None) -> Reply[_DeviceStateList]:
        """Send `GET deviceStates`."""
        query: list[QueryParameter] = []
        return self._request(_DEVICE_STATES_LIST, "deviceStates", query, None, lane, deadline)

    def get(
        self, device_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.DeviceState]:
        """Send `GET deviceStates/{deviceName}`."""
        query: list[QueryParameter] = []
        return self._request(
            _DEVICE_STATES_GET, f"deviceStates/{segment(device_name)}", query, None, lane, deadline
        )

    def update(
        self,
        device_name: str,
        *,
        device_state: Literal[
            "NOT_INUSE", "INUSE", "BUSY", "INVALID", "UNAVAILABLE", "RINGING", "RINGINUSE", "ONHOLD"
        ],
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `PUT deviceStates/{deviceName}`.

        Asterisk may refuse with 404, 409.
        """
        query = [QueryParameter("deviceState", device_state)]
        return self._request(
            _DEVICE_STATES_UPDATE, f"deviceStates/{segment(device_name)}", query, None, lane, deadline
        )

    def delete(
        self, device_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE deviceStates/{deviceName}`.

        Asterisk may refuse with 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _DEVICE_STATES_DELETE, f"deviceStates/{segment(device_name)}", query, None, lane, deadline
        )


class Endpoints:
    """The operations on `endpoints`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def list(self, *, lane: str | None = None, deadline: float | None = None) -> Reply[_EndpointList]:
        """Send `GET endpoints`."""
        query: list[QueryParameter] = []
        return self._request(_ENDPOINTS_LIST, "endpoints", query, None, lane, deadline)

    def send_message(
        self,
        *,
        to: str,
        from_: str,
        body: str | None = None,
        variables: Variables | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `PUT endpoints/sendMessage`.

        Asterisk may refuse with 400, 404.
        """
        query = [QueryParameter("to", to), QueryParameter("from", from_)]
        if body is not None:
            query.append(QueryParameter("body", body))
        return self._request(
            _ENDPOINTS_SEND_MESSAGE,
            "endpoints/sendMessage",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def refer(
        self,
        *,
        to: str,
        from_: str,
        refer_to: str,
        to_self: bool | None = None,
        variables: Variables | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST endpoints/refer`.

        Asterisk may refuse with 400, 404.
        """
        query = [
            QueryParameter("to", to),
            QueryParameter("from", from_),
            QueryParameter("refer_to", refer_to),
        ]
        if to_self is not None:
            query.append(QueryParameter("to_self", "true" if to_self else "false"))
        return self._request(
            _ENDPOINTS_REFER,
            "endpoints/refer",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def list_by_tech(
        self, tech: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[_EndpointList]:
        """Send `GET endpoints/{tech}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ENDPOINTS_LIST_BY_TECH, f"endpoints/{segment(tech)}", query, None, lane, deadline
        )

    def get(
        self, tech: str, resource: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Endpoint]:
        """Send `GET endpoints/{tech}/{resource}`.

        Asterisk may refuse with 400, 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _ENDPOINTS_GET, f"endpoints/{segment(tech)}/{segment(resource)}", query, None, lane, deadline
        )

    def send_message_to_endpoint(
        self,
        tech: str,
        resource: str,
        *,
        from_: str,
        body: str | None = None,
        variables: Variables | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `PUT endpoints/{tech}/{resource}/sendMessage`.

        Asterisk may refuse with 400, 404.
        """
        query = [QueryParameter("from", from_)]
        if body is not None:
            query.append(QueryParameter("body", body))
        return self._request(
            _ENDPOINTS_SEND_MESSAGE_TO_ENDPOINT,
            f"endpoints/{segment(tech)}/{segment(resource)}/sendMessage",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def refer_to_endpoint(
        self,
        tech: str,
        resource: str,
        *,
        from_: str,
        refer_to: str,
        to_self: bool | None = None,
        variables: Variables | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST endpoints/{tech}/{resource}/refer`.

        Asterisk may refuse with 400, 404.
        """
        query = [QueryParameter("from", from_), QueryParameter("refer_to", refer_to)]
        if to_self is not None:
            query.append(QueryParameter("to_self", "true" if to_self else "false"))
        return self._request(
            _ENDPOINTS_REFER_TO_ENDPOINT,
            f"endpoints/{segment(tech)}/{segment(resource)}/refer",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )


class Events:
    """The operations on `events`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def user_event(
        self,
        event_name: str,
        *,
        application: str,
        source: str | Sequence[str] | None = None,
        variables: Variables | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST events/user/{eventName}`.

        Asterisk may refuse with 400, 404, 422.
        """
        query = [QueryParameter("application", application)]
        if source is not None:
            query.append(QueryParameter("source", joined(source)))
        return self._request(
            _EVENTS_USER_EVENT,
            f"events/user/{segment(event_name)}",
            query,
            None if variables is None else {"variables": variables},
            lane,
            deadline,
        )

    def claim_channel(
        self, *, channel_id: str, application: str, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST events/claim`.

        Asterisk may refuse with 404, 409.
        """
        query = [QueryParameter("channelId", channel_id), QueryParameter("application", application)]
        return self._request(_EVENTS_CLAIM_CHANNEL, "events/claim", query, None, lane, deadline)


class Mailboxes:
    """The operations on `mailboxes`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def list(self, *, lane: str | None = None, deadline: float | None = None) -> Reply[_MailboxList]:
        """Send `GET mailboxes`."""
        query: list[QueryParameter] = []
        return self._request(_MAILBOXES_LIST, "mailboxes", query, None, lane, deadline)

    def get(
        self, mailbox_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Mailbox]:
        """Send `GET mailboxes/{mailboxName}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _MAILBOXES_GET, f"mailboxes/{segment(mailbox_name)}", query, None, lane, deadline
        )

    def update(
        self,
        mailbox_name: str,
        *,
        old_messages: int,
        new_messages: int,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `PUT mailboxes/{mailboxName}`.

        Asterisk may refuse with 404.
        """
        query = [
            QueryParameter("oldMessages", str(old_messages)),
            QueryParameter("newMessages", str(new_messages)),
        ]
        return self._request(
            _MAILBOXES_UPDATE, f"mailboxes/{segment(mailbox_name)}", query, None, lane, deadline
        )

    def delete(
        self, mailbox_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE mailboxes/{mailboxName}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _MAILBOXES_DELETE, f"mailboxes/{segment(mailbox_name)}", query, None, lane, deadline
        )


class Playbacks:
    """The operations on `playbacks`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def get(
        self, playback_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Playback]:
        """Send `GET playbacks/{playbackId}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(_PLAYBACKS_GET, f"playbacks/{segment(playback_id)}", query, None, lane, deadline)

    def stop(
        self, playback_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE playbacks/{playbackId}`.

        Asterisk may refuse with 404.
        Done, too, when the thing is gone already.
        """
        query: list[QueryParameter] = []
        return self._request(
            _PLAYBACKS_STOP, f"playbacks/{segment(playback_id)}", query, None, lane, deadline
        )

    def control(
        self,
        playback_id: str,
        *,
        operation: Literal["restart", "pause", "unpause", "reverse", "forward"],
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[None]:
        """Send `POST playbacks/{playbackId}/control`.

        Asterisk may refuse with 400, 404, 409.
        """
        query = [QueryParameter("operation", operation)]
        return self._request(
            _PLAYBACKS_CONTROL, f"playbacks/{segment(playback_id)}/control", query, None, lane, deadline
        )


class Recordings:
    """The operations on `recordings`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def list_stored(
        self, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[_StoredRecordingList]:
        """Send `GET recordings/stored`."""
        query: list[QueryParameter] = []
        return self._request(_RECORDINGS_LIST_STORED, "recordings/stored", query, None, lane, deadline)

    def get_stored(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.StoredRecording]:
        """Send `GET recordings/stored/{recordingName}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_GET_STORED,
            f"recordings/stored/{segment(recording_name)}",
            query,
            None,
            lane,
            deadline,
        )

    def delete_stored(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE recordings/stored/{recordingName}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_DELETE_STORED,
            f"recordings/stored/{segment(recording_name)}",
            query,
            None,
            lane,
            deadline,
        )

    def get_stored_file(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[bytes]:
        """Send `GET recordings/stored/{recordingName}/file`.

        Asterisk may refuse with 403, 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_GET_STORED_FILE,
            f"recordings/stored/{segment(recording_name)}/file",
            query,
            None,
            lane,
            deadline,
        )

    def copy_stored(
        self,
        recording_name: str,
        *,
        destination_recording_name: str,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[models.StoredRecording]:
        """Send `POST recordings/stored/{recordingName}/copy`.

        Asterisk may refuse with 404, 409.
        """
        query = [QueryParameter("destinationRecordingName", destination_recording_name)]
        return self._request(
            _RECORDINGS_COPY_STORED,
            f"recordings/stored/{segment(recording_name)}/copy",
            query,
            None,
            lane,
            deadline,
        )

    def get_live(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.LiveRecording]:
        """Send `GET recordings/live/{recordingName}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_GET_LIVE, f"recordings/live/{segment(recording_name)}", query, None, lane, deadline
        )

    def cancel(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE recordings/live/{recordingName}`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_CANCEL, f"recordings/live/{segment(recording_name)}", query, None, lane, deadline
        )

    def stop(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST recordings/live/{recordingName}/stop`.

        Asterisk may refuse with 404.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_STOP, f"recordings/live/{segment(recording_name)}/stop", query, None, lane, deadline
        )

    def pause(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST recordings/live/{recordingName}/pause`.

        Asterisk may refuse with 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_PAUSE, f"recordings/live/{segment(recording_name)}/pause", query, None, lane, deadline
        )

    def unpause(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE recordings/live/{recordingName}/pause`.

        Asterisk may refuse with 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_UNPAUSE,
            f"recordings/live/{segment(recording_name)}/pause",
            query,
            None,
            lane,
            deadline,
        )

    def mute(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `POST recordings/live/{recordingName}/mute`.

        Asterisk may refuse with 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_MUTE, f"recordings/live/{segment(recording_name)}/mute", query, None, lane, deadline
        )

    def unmute(
        self, recording_name: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[None]:
        """Send `DELETE recordings/live/{recordingName}/mute`.

        Asterisk may refuse with 404, 409.
        """
        query: list[QueryParameter] = []
        return self._request(
            _RECORDINGS_UNMUTE, f"recordings/live/{segment(recording_name)}/mute", query, None, lane, deadline
        )


class Sounds:
    """The operations on `sounds`."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        self._request = request

    def list(
        self,
        *,
        lang: str | None = None,
        format: str | None = None,
        lane: str | None = None,
        deadline: float | None = None,
    ) -> Reply[_SoundList]:
        """Send `GET sounds`."""
        query = []
        if lang is not None:
            query.append(QueryParameter("lang", lang))
        if format is not None:
            query.append(QueryParameter("format", format))
        return self._request(_SOUNDS_LIST, "sounds", query, None, lane, deadline)

    def get(
        self, sound_id: str, *, lane: str | None = None, deadline: float | None = None
    ) -> Reply[models.Sound]:
        """Send `GET sounds/{soundId}`."""
        query: list[QueryParameter] = []
        return self._request(_SOUNDS_GET, f"sounds/{segment(sound_id)}", query, None, lane, deadline)


class Operations:
    """Every operation, by group."""

    def __init__(self, request: Request) -> None:
        self.applications = Applications(request)
        self.asterisk = Asterisk(request)
        self.bridges = Bridges(request)
        self.channels = Channels(request)
        self.device_states = DeviceStates(request)
        self.endpoints = Endpoints(request)
        self.events = Events(request)
        self.mailboxes = Mailboxes(request)
        self.playbacks = Playbacks(request)
        self.recordings = Recordings(request)
        self.sounds = Sounds(request)
