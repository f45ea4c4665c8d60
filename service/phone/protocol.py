"""What the telephone's process and its parent say to each other, one JSON object a line.

Commands (parent to process): `start` {log_level, and to register also registrar, user, secret};
`call` {call, uri, caller, listens}; `press` {call, key, milliseconds}; `answer` {call, status: 180,
200 or a refusal}; `tone` {call, hertz; 0: silence}; `hang_up` {call}; `sign_off`; `stop`.

Events (process to parent): `ready` {address}; `unusable` {why}; `registered` {status, seconds: how
long it is good for}; `rings` {call, caller, called, quick:
the caller asks that the phone answers by itself}; `answered` {call, at}; `pressed` {call, at};
`audio` {call, at, pcm}; `ended` {call, at, status, reason, by}; `failed` {call, doing, why}.

`call` is a number the parent chose; for a call that rings the process chose it, below 0. `at` is the
machine's monotonic clock in seconds, which both processes share; for audio it is the arrival of the
first frame. `pcm` is base64 of 16-bit little-endian mono samples.
"""

SAMPLE_RATE = 8000  # Hz: G.711
FRAME_SAMPLES = 160  # 20 ms, the packet time of the trunk
LINES = 4  # calls per process: the PyPI build of pjsua2 is compiled with PJSUA_MAX_CALLS 4
INSTALL_HINT = (
    "the test telephone needs the package pjsua2-python (GPL, therefore optional): "
    "install it with: .venv/bin/pip install pjsua2-python"
)
