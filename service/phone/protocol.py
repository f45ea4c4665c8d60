"""What the telephone's process and its parent say to each other, one JSON object a line.

Commands (parent to process): `start` {log_level}; `call` {call, uri, caller, listens};
`press` {call, key, milliseconds}; `hang_up` {call}; `stop`.

Events (process to parent): `ready` {address}; `unusable` {why}; `answered` {call, at};
`pressed` {call, at}; `audio` {call, at, pcm}; `ended` {call, at, status, reason, by};
`failed` {call, doing, why}.

`call` is a number the parent chose. `at` is the machine's monotonic clock in seconds, which both
processes share; for audio it is the arrival of the first frame. `pcm` is base64 of 16-bit
little-endian mono samples.
"""

SAMPLE_RATE = 8000  # Hz: G.711
FRAME_SAMPLES = 160  # 20 ms, the packet time of the trunk
LINES = 4  # calls per process: the PyPI build of pjsua2 is compiled with PJSUA_MAX_CALLS 4
INSTALL_HINT = (
    "the test telephone needs the package pjsua2-python (GPL, therefore optional): "
    "install it with: .venv/bin/pip install pjsua2-python"
)
