"""What a well-formed request is; the fake Asterisk refuses all others.

Written by `python -m ari.generate`; not edited by hand.
"""

from ari.description import Operation, Parameter

# SHA-256 over the names and bytes of the description this code was written from.
DESCRIPTION_SHA256 = "0158fa9c0d09ab2bd556bc46d7c5ea2663184f3a9b7c8b4cc5fdd4ea45317206"

OPERATIONS = (
    Operation(
        group="applications",
        nickname="list",
        method="GET",
        path="applications",
        result="List[Application]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="applications",
        nickname="get",
        method="GET",
        path="applications/{applicationName}",
        result="Application",
        parameters=(
            Parameter(
                name="applicationName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="applications",
        nickname="subscribe",
        method="POST",
        path="applications/{applicationName}/subscription",
        result="Application",
        parameters=(
            Parameter(
                name="applicationName", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="eventSource", place="query", type="string", required=True, multiple=True, values=()
            ),
        ),
        statuses=(400, 404, 422),
    ),
    Operation(
        group="applications",
        nickname="unsubscribe",
        method="DELETE",
        path="applications/{applicationName}/subscription",
        result="Application",
        parameters=(
            Parameter(
                name="applicationName", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="eventSource", place="query", type="string", required=True, multiple=True, values=()
            ),
        ),
        statuses=(400, 404, 409, 422),
    ),
    Operation(
        group="applications",
        nickname="filter",
        method="PUT",
        path="applications/{applicationName}/eventFilter",
        result="Application",
        parameters=(
            Parameter(
                name="applicationName", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="filter", place="body", type="object", required=False, multiple=False, values=()),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="asterisk",
        nickname="getObject",
        method="GET",
        path="asterisk/config/dynamic/{configClass}/{objectType}/{id}",
        result="List[ConfigTuple]",
        parameters=(
            Parameter(
                name="configClass", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="objectType", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="id", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(404,),
    ),
    Operation(
        group="asterisk",
        nickname="updateObject",
        method="PUT",
        path="asterisk/config/dynamic/{configClass}/{objectType}/{id}",
        result="List[ConfigTuple]",
        parameters=(
            Parameter(
                name="configClass", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="objectType", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="id", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="fields", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 403, 404),
    ),
    Operation(
        group="asterisk",
        nickname="deleteObject",
        method="DELETE",
        path="asterisk/config/dynamic/{configClass}/{objectType}/{id}",
        result="void",
        parameters=(
            Parameter(
                name="configClass", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="objectType", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="id", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(403, 404),
    ),
    Operation(
        group="asterisk",
        nickname="getInfo",
        method="GET",
        path="asterisk/info",
        result="AsteriskInfo",
        parameters=(
            Parameter(
                name="only",
                place="query",
                type="string",
                required=False,
                multiple=True,
                values=("build", "system", "config", "status"),
            ),
        ),
        statuses=(),
    ),
    Operation(
        group="asterisk",
        nickname="ping",
        method="GET",
        path="asterisk/ping",
        result="AsteriskPing",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="asterisk",
        nickname="listModules",
        method="GET",
        path="asterisk/modules",
        result="List[Module]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="asterisk",
        nickname="getModule",
        method="GET",
        path="asterisk/modules/{moduleName}",
        result="Module",
        parameters=(
            Parameter(
                name="moduleName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="asterisk",
        nickname="loadModule",
        method="POST",
        path="asterisk/modules/{moduleName}",
        result="void",
        parameters=(
            Parameter(
                name="moduleName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(409,),
    ),
    Operation(
        group="asterisk",
        nickname="unloadModule",
        method="DELETE",
        path="asterisk/modules/{moduleName}",
        result="void",
        parameters=(
            Parameter(
                name="moduleName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="asterisk",
        nickname="reloadModule",
        method="PUT",
        path="asterisk/modules/{moduleName}",
        result="void",
        parameters=(
            Parameter(
                name="moduleName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="asterisk",
        nickname="listLogChannels",
        method="GET",
        path="asterisk/logging",
        result="List[LogChannel]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="asterisk",
        nickname="addLog",
        method="POST",
        path="asterisk/logging/{logChannelName}",
        result="void",
        parameters=(
            Parameter(
                name="logChannelName", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="configuration", place="query", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(400, 409),
    ),
    Operation(
        group="asterisk",
        nickname="deleteLog",
        method="DELETE",
        path="asterisk/logging/{logChannelName}",
        result="void",
        parameters=(
            Parameter(
                name="logChannelName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="asterisk",
        nickname="rotateLog",
        method="PUT",
        path="asterisk/logging/{logChannelName}/rotate",
        result="void",
        parameters=(
            Parameter(
                name="logChannelName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="asterisk",
        nickname="getGlobalVar",
        method="GET",
        path="asterisk/variable",
        result="Variable",
        parameters=(
            Parameter(
                name="variable", place="query", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(400,),
    ),
    Operation(
        group="asterisk",
        nickname="setGlobalVar",
        method="POST",
        path="asterisk/variable",
        result="void",
        parameters=(
            Parameter(
                name="variable", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="value", place="query", type="string", required=False, multiple=False, values=()),
        ),
        statuses=(400,),
    ),
    Operation(
        group="bridges",
        nickname="list",
        method="GET",
        path="bridges",
        result="List[Bridge]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="bridges",
        nickname="create",
        method="POST",
        path="bridges",
        result="Bridge",
        parameters=(
            Parameter(name="type", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="bridgeId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(name="name", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(409,),
    ),
    Operation(
        group="bridges",
        nickname="createWithId",
        method="POST",
        path="bridges/{bridgeId}",
        result="Bridge",
        parameters=(
            Parameter(name="type", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="name", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(409,),
    ),
    Operation(
        group="bridges",
        nickname="get",
        method="GET",
        path="bridges/{bridgeId}",
        result="Bridge",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(404,),
    ),
    Operation(
        group="bridges",
        nickname="destroy",
        method="DELETE",
        path="bridges/{bridgeId}",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(404,),
    ),
    Operation(
        group="bridges",
        nickname="getBridgeVar",
        method="GET",
        path="bridges/{bridgeId}/variable",
        result="Variable",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="variable", place="query", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="bridges",
        nickname="setBridgeVar",
        method="POST",
        path="bridges/{bridgeId}/variable",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="variable", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="value", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="report_events", place="query", type="boolean", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="bridges",
        nickname="getBridgeVars",
        method="GET",
        path="bridges/{bridgeId}/variables",
        result="Variables",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="variables", place="query", type="string", required=True, multiple=True, values=()
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="bridges",
        nickname="setBridgeVars",
        method="POST",
        path="bridges/{bridgeId}/variables",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=True, multiple=False, values=()
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="bridges",
        nickname="addChannel",
        method="POST",
        path="bridges/{bridgeId}/addChannel",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="channel", place="query", type="string", required=True, multiple=True, values=()),
            Parameter(name="role", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="absorbDTMF", place="query", type="boolean", required=False, multiple=False, values=()
            ),
            Parameter(name="mute", place="query", type="boolean", required=False, multiple=False, values=()),
            Parameter(
                name="inhibitConnectedLineUpdates",
                place="query",
                type="boolean",
                required=False,
                multiple=False,
                values=(),
            ),
        ),
        statuses=(400, 404, 409, 422),
    ),
    Operation(
        group="bridges",
        nickname="removeChannel",
        method="POST",
        path="bridges/{bridgeId}/removeChannel",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="channel", place="query", type="string", required=True, multiple=True, values=()),
        ),
        statuses=(400, 404, 409, 422),
    ),
    Operation(
        group="bridges",
        nickname="setVideoSource",
        method="POST",
        path="bridges/{bridgeId}/videoSource/{channelId}",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 422),
    ),
    Operation(
        group="bridges",
        nickname="clearVideoSource",
        method="DELETE",
        path="bridges/{bridgeId}/videoSource",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(404,),
    ),
    Operation(
        group="bridges",
        nickname="startMoh",
        method="POST",
        path="bridges/{bridgeId}/moh",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="mohClass", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="bridges",
        nickname="stopMoh",
        method="DELETE",
        path="bridges/{bridgeId}/moh",
        result="void",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="bridges",
        nickname="play",
        method="POST",
        path="bridges/{bridgeId}/play",
        result="Playback",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="media", place="query", type="string", required=True, multiple=True, values=()),
            Parameter(
                name="announcer_format",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=(),
            ),
            Parameter(name="lang", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="offsetms", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(name="skipms", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(
                name="playbackId", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 422),
    ),
    Operation(
        group="bridges",
        nickname="playWithId",
        method="POST",
        path="bridges/{bridgeId}/play/{playbackId}",
        result="Playback",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="playbackId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="media", place="query", type="string", required=True, multiple=True, values=()),
            Parameter(
                name="announcer_format",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=(),
            ),
            Parameter(name="lang", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="offsetms", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(name="skipms", place="query", type="int", required=False, multiple=False, values=()),
        ),
        statuses=(404, 409, 422),
    ),
    Operation(
        group="bridges",
        nickname="record",
        method="POST",
        path="bridges/{bridgeId}/record",
        result="LiveRecording",
        parameters=(
            Parameter(name="bridgeId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="name", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(name="format", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="recorder_format",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=(),
            ),
            Parameter(
                name="maxDurationSeconds",
                place="query",
                type="int",
                required=False,
                multiple=False,
                values=(),
            ),
            Parameter(
                name="maxSilenceSeconds", place="query", type="int", required=False, multiple=False, values=()
            ),
            Parameter(
                name="ifExists",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("fail", "overwrite", "append"),
            ),
            Parameter(name="beep", place="query", type="boolean", required=False, multiple=False, values=()),
            Parameter(
                name="terminateOn",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("none", "any", "*", "#"),
            ),
        ),
        statuses=(400, 404, 409, 422),
    ),
    Operation(
        group="channels",
        nickname="list",
        method="GET",
        path="channels",
        result="List[Channel]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="channels",
        nickname="originate",
        method="POST",
        path="channels",
        result="Channel",
        parameters=(
            Parameter(
                name="endpoint", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="extension", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="context", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(name="priority", place="query", type="long", required=False, multiple=False, values=()),
            Parameter(name="label", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="app", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="appArgs", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="callerId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(name="timeout", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
            Parameter(
                name="channelId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="otherChannelId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="originator", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="formats", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 409),
    ),
    Operation(
        group="channels",
        nickname="create",
        method="POST",
        path="channels/create",
        result="Channel",
        parameters=(
            Parameter(
                name="endpoint", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="app", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="appArgs", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="channelId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="otherChannelId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="originator", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="formats", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(409,),
    ),
    Operation(
        group="channels",
        nickname="get",
        method="GET",
        path="channels/{channelId}",
        result="Channel",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="channels",
        nickname="originateWithId",
        method="POST",
        path="channels/{channelId}",
        result="Channel",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="endpoint", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="extension", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="context", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(name="priority", place="query", type="long", required=False, multiple=False, values=()),
            Parameter(name="label", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="app", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="appArgs", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="callerId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(name="timeout", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
            Parameter(
                name="otherChannelId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="originator", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="formats", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 409),
    ),
    Operation(
        group="channels",
        nickname="hangup",
        method="DELETE",
        path="channels/{channelId}",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="reason_code", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="reason",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=(
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
                ),
            ),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="channels",
        nickname="continueInDialplan",
        method="POST",
        path="channels/{channelId}/continue",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="context", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="extension", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(name="priority", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(name="label", place="query", type="string", required=False, multiple=False, values=()),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="move",
        method="POST",
        path="channels/{channelId}/move",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="app", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="appArgs", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="channels",
        nickname="redirect",
        method="POST",
        path="channels/{channelId}/redirect",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="endpoint", place="query", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(400, 404, 409, 412, 422),
    ),
    Operation(
        group="channels",
        nickname="answer",
        method="POST",
        path="channels/{channelId}/answer",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="ring",
        method="POST",
        path="channels/{channelId}/ring",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="ringStop",
        method="DELETE",
        path="channels/{channelId}/ring",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="progress",
        method="POST",
        path="channels/{channelId}/progress",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="sendDTMF",
        method="POST",
        path="channels/{channelId}/dtmf",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="dtmf", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="before", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(name="between", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(name="duration", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(name="after", place="query", type="int", required=False, multiple=False, values=()),
        ),
        statuses=(400, 404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="mute",
        method="POST",
        path="channels/{channelId}/mute",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="direction",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("both", "in", "out"),
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="unmute",
        method="DELETE",
        path="channels/{channelId}/mute",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="direction",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("both", "in", "out"),
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="hold",
        method="POST",
        path="channels/{channelId}/hold",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="unhold",
        method="DELETE",
        path="channels/{channelId}/hold",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="startMoh",
        method="POST",
        path="channels/{channelId}/moh",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="mohClass", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="stopMoh",
        method="DELETE",
        path="channels/{channelId}/moh",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="startSilence",
        method="POST",
        path="channels/{channelId}/silence",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="stopSilence",
        method="DELETE",
        path="channels/{channelId}/silence",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="play",
        method="POST",
        path="channels/{channelId}/play",
        result="Playback",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="media", place="query", type="string", required=True, multiple=True, values=()),
            Parameter(name="lang", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="offsetms", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(name="skipms", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(
                name="playbackId", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="playWithId",
        method="POST",
        path="channels/{channelId}/play/{playbackId}",
        result="Playback",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="playbackId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="media", place="query", type="string", required=True, multiple=True, values=()),
            Parameter(name="lang", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="offsetms", place="query", type="int", required=False, multiple=False, values=()),
            Parameter(name="skipms", place="query", type="int", required=False, multiple=False, values=()),
        ),
        statuses=(404, 409, 412),
    ),
    Operation(
        group="channels",
        nickname="record",
        method="POST",
        path="channels/{channelId}/record",
        result="LiveRecording",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="name", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(name="format", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="maxDurationSeconds",
                place="query",
                type="int",
                required=False,
                multiple=False,
                values=(),
            ),
            Parameter(
                name="maxSilenceSeconds", place="query", type="int", required=False, multiple=False, values=()
            ),
            Parameter(
                name="ifExists",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("fail", "overwrite", "append"),
            ),
            Parameter(name="beep", place="query", type="boolean", required=False, multiple=False, values=()),
            Parameter(
                name="terminateOn",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("none", "any", "*", "#"),
            ),
        ),
        statuses=(400, 404, 409, 422),
    ),
    Operation(
        group="channels",
        nickname="getChannelVar",
        method="GET",
        path="channels/{channelId}/variable",
        result="Variable",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="variable", place="query", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="channels",
        nickname="setChannelVar",
        method="POST",
        path="channels/{channelId}/variable",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="variable", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="value", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="report_events", place="query", type="boolean", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="channels",
        nickname="getChannelVars",
        method="GET",
        path="channels/{channelId}/variables",
        result="Variables",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="variables", place="query", type="string", required=True, multiple=True, values=()
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="channels",
        nickname="setChannelVars",
        method="POST",
        path="channels/{channelId}/variables",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="variables", place="body", type="containers", required=True, multiple=False, values=()
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="channels",
        nickname="snoopChannel",
        method="POST",
        path="channels/{channelId}/snoop",
        result="Channel",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="spy",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("none", "both", "out", "in"),
            ),
            Parameter(
                name="whisper",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("none", "both", "out", "in"),
            ),
            Parameter(name="app", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="appArgs", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="snoopId", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="channels",
        nickname="snoopChannelWithId",
        method="POST",
        path="channels/{channelId}/snoop/{snoopId}",
        result="Channel",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="snoopId", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="spy",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("none", "both", "out", "in"),
            ),
            Parameter(
                name="whisper",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("none", "both", "out", "in"),
            ),
            Parameter(name="app", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="appArgs", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="channels",
        nickname="dial",
        method="POST",
        path="channels/{channelId}/dial",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="caller", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="timeout", place="query", type="int", required=False, multiple=False, values=()),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="channels",
        nickname="rtpstatistics",
        method="GET",
        path="channels/{channelId}/rtp_statistics",
        result="RTPstat",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="channels",
        nickname="externalMedia",
        method="POST",
        path="channels/externalMedia",
        result="Channel",
        parameters=(
            Parameter(
                name="channelId", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(name="app", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
            Parameter(
                name="external_host", place="query", type="string", required=False, multiple=False, values=()
            ),
            Parameter(
                name="encapsulation",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("rtp", "audiosocket", "none"),
            ),
            Parameter(
                name="transport",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("udp", "tcp", "websocket"),
            ),
            Parameter(
                name="connection_type",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("client", "server"),
            ),
            Parameter(name="format", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="direction",
                place="query",
                type="string",
                required=False,
                multiple=False,
                values=("both",),
            ),
            Parameter(name="data", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="transport_data", place="query", type="string", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 409),
    ),
    Operation(
        group="channels",
        nickname="transfer_progress",
        method="POST",
        path="channels/{channelId}/transfer_progress",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="states", place="query", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(400, 404, 409, 412),
    ),
    Operation(
        group="deviceStates",
        nickname="list",
        method="GET",
        path="deviceStates",
        result="List[DeviceState]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="deviceStates",
        nickname="get",
        method="GET",
        path="deviceStates/{deviceName}",
        result="DeviceState",
        parameters=(
            Parameter(
                name="deviceName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(),
    ),
    Operation(
        group="deviceStates",
        nickname="update",
        method="PUT",
        path="deviceStates/{deviceName}",
        result="void",
        parameters=(
            Parameter(
                name="deviceName", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="deviceState",
                place="query",
                type="string",
                required=True,
                multiple=False,
                values=(
                    "NOT_INUSE",
                    "INUSE",
                    "BUSY",
                    "INVALID",
                    "UNAVAILABLE",
                    "RINGING",
                    "RINGINUSE",
                    "ONHOLD",
                ),
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="deviceStates",
        nickname="delete",
        method="DELETE",
        path="deviceStates/{deviceName}",
        result="void",
        parameters=(
            Parameter(
                name="deviceName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="endpoints",
        nickname="list",
        method="GET",
        path="endpoints",
        result="List[Endpoint]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="endpoints",
        nickname="sendMessage",
        method="PUT",
        path="endpoints/sendMessage",
        result="void",
        parameters=(
            Parameter(name="to", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(name="from", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(name="body", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="endpoints",
        nickname="refer",
        method="POST",
        path="endpoints/refer",
        result="void",
        parameters=(
            Parameter(name="to", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(name="from", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="refer_to", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="to_self", place="query", type="boolean", required=False, multiple=False, values=()
            ),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="endpoints",
        nickname="listByTech",
        method="GET",
        path="endpoints/{tech}",
        result="List[Endpoint]",
        parameters=(
            Parameter(name="tech", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(404,),
    ),
    Operation(
        group="endpoints",
        nickname="get",
        method="GET",
        path="endpoints/{tech}/{resource}",
        result="Endpoint",
        parameters=(
            Parameter(name="tech", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="resource", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="endpoints",
        nickname="sendMessageToEndpoint",
        method="PUT",
        path="endpoints/{tech}/{resource}/sendMessage",
        result="void",
        parameters=(
            Parameter(name="tech", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="resource", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="from", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(name="body", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="endpoints",
        nickname="referToEndpoint",
        method="POST",
        path="endpoints/{tech}/{resource}/refer",
        result="void",
        parameters=(
            Parameter(name="tech", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="resource", place="path", type="string", required=True, multiple=False, values=()),
            Parameter(name="from", place="query", type="string", required=True, multiple=False, values=()),
            Parameter(
                name="refer_to", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="to_self", place="query", type="boolean", required=False, multiple=False, values=()
            ),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404),
    ),
    Operation(
        group="events",
        nickname="userEvent",
        method="POST",
        path="events/user/{eventName}",
        result="void",
        parameters=(
            Parameter(
                name="eventName", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="application", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(name="source", place="query", type="string", required=False, multiple=True, values=()),
            Parameter(
                name="variables", place="body", type="containers", required=False, multiple=False, values=()
            ),
        ),
        statuses=(400, 404, 422),
    ),
    Operation(
        group="events",
        nickname="claimChannel",
        method="POST",
        path="events/claim",
        result="void",
        parameters=(
            Parameter(
                name="channelId", place="query", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="application", place="query", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="mailboxes",
        nickname="list",
        method="GET",
        path="mailboxes",
        result="List[Mailbox]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="mailboxes",
        nickname="get",
        method="GET",
        path="mailboxes/{mailboxName}",
        result="Mailbox",
        parameters=(
            Parameter(
                name="mailboxName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="mailboxes",
        nickname="update",
        method="PUT",
        path="mailboxes/{mailboxName}",
        result="void",
        parameters=(
            Parameter(
                name="mailboxName", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="oldMessages", place="query", type="int", required=True, multiple=False, values=()
            ),
            Parameter(
                name="newMessages", place="query", type="int", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="mailboxes",
        nickname="delete",
        method="DELETE",
        path="mailboxes/{mailboxName}",
        result="void",
        parameters=(
            Parameter(
                name="mailboxName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="playbacks",
        nickname="get",
        method="GET",
        path="playbacks/{playbackId}",
        result="Playback",
        parameters=(
            Parameter(
                name="playbackId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="playbacks",
        nickname="stop",
        method="DELETE",
        path="playbacks/{playbackId}",
        result="void",
        parameters=(
            Parameter(
                name="playbackId", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="playbacks",
        nickname="control",
        method="POST",
        path="playbacks/{playbackId}/control",
        result="void",
        parameters=(
            Parameter(
                name="playbackId", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="operation",
                place="query",
                type="string",
                required=True,
                multiple=False,
                values=("restart", "pause", "unpause", "reverse", "forward"),
            ),
        ),
        statuses=(400, 404, 409),
    ),
    Operation(
        group="recordings",
        nickname="listStored",
        method="GET",
        path="recordings/stored",
        result="List[StoredRecording]",
        parameters=(),
        statuses=(),
    ),
    Operation(
        group="recordings",
        nickname="getStored",
        method="GET",
        path="recordings/stored/{recordingName}",
        result="StoredRecording",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="recordings",
        nickname="deleteStored",
        method="DELETE",
        path="recordings/stored/{recordingName}",
        result="void",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="recordings",
        nickname="getStoredFile",
        method="GET",
        path="recordings/stored/{recordingName}/file",
        result="binary",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(403, 404),
    ),
    Operation(
        group="recordings",
        nickname="copyStored",
        method="POST",
        path="recordings/stored/{recordingName}/copy",
        result="StoredRecording",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
            Parameter(
                name="destinationRecordingName",
                place="query",
                type="string",
                required=True,
                multiple=False,
                values=(),
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="recordings",
        nickname="getLive",
        method="GET",
        path="recordings/live/{recordingName}",
        result="LiveRecording",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="recordings",
        nickname="cancel",
        method="DELETE",
        path="recordings/live/{recordingName}",
        result="void",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="recordings",
        nickname="stop",
        method="POST",
        path="recordings/live/{recordingName}/stop",
        result="void",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404,),
    ),
    Operation(
        group="recordings",
        nickname="pause",
        method="POST",
        path="recordings/live/{recordingName}/pause",
        result="void",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="recordings",
        nickname="unpause",
        method="DELETE",
        path="recordings/live/{recordingName}/pause",
        result="void",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="recordings",
        nickname="mute",
        method="POST",
        path="recordings/live/{recordingName}/mute",
        result="void",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="recordings",
        nickname="unmute",
        method="DELETE",
        path="recordings/live/{recordingName}/mute",
        result="void",
        parameters=(
            Parameter(
                name="recordingName", place="path", type="string", required=True, multiple=False, values=()
            ),
        ),
        statuses=(404, 409),
    ),
    Operation(
        group="sounds",
        nickname="list",
        method="GET",
        path="sounds",
        result="List[Sound]",
        parameters=(
            Parameter(name="lang", place="query", type="string", required=False, multiple=False, values=()),
            Parameter(name="format", place="query", type="string", required=False, multiple=False, values=()),
        ),
        statuses=(),
    ),
    Operation(
        group="sounds",
        nickname="get",
        method="GET",
        path="sounds/{soundId}",
        result="Sound",
        parameters=(
            Parameter(name="soundId", place="path", type="string", required=True, multiple=False, values=()),
        ),
        statuses=(),
    ),
)
