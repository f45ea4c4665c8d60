"""Which SIP messages of a browser pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.sip_messages import LONGEST, Unfit, unfit

MINE, OTHER = "a" + "1" * 15, "a" + "2" * 15


def message(
    method: str = "REGISTER", sender: str = MINE, to: str = MINE, body: str = "", **more: str
) -> bytes:
    headers = {
        "Via": "SIP/2.0/WS abc.invalid;branch=z9hG4bK1",
        "To": f"<sip:{to}@kring.invalid>",
        "From": f'"Me" <sip:{sender}@kring.invalid>;tag=x',
        "Call-ID": "1",
        "CSeq": f"1 {method}",
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = [f"{method} sip:kring.invalid SIP/2.0", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE"])
def test_what_a_softphone_says_passes(method: str) -> None:
    to = MINE if method == "REGISTER" else "*43"
    sent = message(method, to="x" if to == "*43" else to, body="v=0\r\n")
    assert unfit(sent, MINE) is None


def test_answers_pass_whoever_asked() -> None:
    answer = message(sender="0", to=MINE).replace(b"REGISTER sip:kring.invalid SIP/2.0", b"SIP/2.0 200 OK", 1)
    assert unfit(answer, MINE) is None


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (message(sender=OTHER), Unfit.STRANGER),
        (message(to=OTHER), Unfit.STRANGER),
        (message("INVITE", sender=OTHER), Unfit.STRANGER),
        (message(sender="trunk"), Unfit.STRANGER),
        (message(sender="anonymous", to="anonymous"), Unfit.STRANGER),
        (message("MESSAGE"), Unfit.METHOD),
        (message("REFER"), Unfit.METHOD),
        (message("SUBSCRIBE"), Unfit.METHOD),
        (message("INVITE", Record_Route="<sip:192.0.2.9;lr>"), Unfit.ROUTED),
        (message(Path="<sip:192.0.2.9;lr>"), Unfit.ROUTED),
        (message(body="x" * LONGEST), Unfit.TOO_LONG),
        (message() + message(sender=OTHER), Unfit.MALFORMED),  # two in one frame
        (message(body="x")[:-1], Unfit.MALFORMED),  # the rest to come in another frame
        (message().replace(b"Content-Length: 0\r\n", b""), Unfit.MALFORMED),
        (message(f="<sip:x@y>"), Unfit.MALFORMED),  # a second From in its short form
        (message().replace(b"From: ", b"From : "), Unfit.MALFORMED),
        (message().replace(b"Call-ID: 1\r\n", b"Call-ID: 1\r\n <sip:folded@x>\r\n"), Unfit.MALFORMED),
        (message().replace(b"CSeq", b"X: y\nFrom: <sip:z@y>\r\nCSeq"), Unfit.MALFORMED),
        (message().replace(b"\r\n", b"\n"), Unfit.MALFORMED),
        (message().replace(b"Me", b"\xff"), Unfit.MALFORMED),
        (b"GET / HTTP/1.1\r\n\r\n", Unfit.MALFORMED),
    ],
)
def test_what_is_not_ones_own_or_not_whole_is_dropped(sent: bytes, why: Unfit) -> None:
    assert unfit(sent, MINE) is why


def test_the_user_is_read_as_asterisk_reads_it() -> None:
    for sender in (f"sip:{MINE}@x", f"<sip:{OTHER}@x>;x=<sip:{MINE}@x>", f'"<sip:{MINE}@x>" <sip:{OTHER}@x>'):
        sent = message().replace(f'"Me" <sip:{MINE}@kring.invalid>'.encode(), sender.encode())
        assert sender.encode() in sent
        assert unfit(sent, MINE) is Unfit.STRANGER


@given(st.binary(max_size=300), st.integers(0, 250))
def test_no_bytes_break_it_and_none_pass_for_another(noise: bytes, at: int) -> None:
    sent = message(sender=OTHER, to=OTHER)
    broken = sent[:at] + noise + sent[at:]
    why = unfit(broken, MINE)
    if why is None:  # then whatever Asterisk reads as From is ours, or it is no request at all
        assert broken.startswith(b"SIP/2.0 ") or MINE.encode() in broken
