"""What one agent's account is to Asterisk: three PJSIP objects, made and deleted at run time through ARI."""

from collections.abc import Mapping

from asterisk_conf.settings import AsteriskSettings
from domain.accounts import REALM, Account, AccountKind

CONFIG_CLASS = "res_pjsip"
OBJECT_TYPES = ("auth", "aor", "endpoint")  # in the order of making; deleting goes the other way

# Seconds. A phone that is switched off, or whose network is gone, is asked every QUALIFY and given
# QUALIFY_ANSWER to answer: it counts as vanished QUALIFY + QUALIFY_ANSWER later at the latest.
QUALIFY = 3
QUALIFY_ANSWER = 2
# A talk in which no audio arrives from the phone for so long is over. Phones must not suppress silence.
RTP_TIMEOUT = 6
# A phone that put the call on hold by itself may be silent, but not for ever.
RTP_TIMEOUT_HOLD = 300
EXPIRY = 60  # of a registration; the phone registers again at half of it


def account_objects(account: Account, settings: AsteriskSettings) -> dict[str, dict[str, str]]:
    """Return object type → fields of an account, in the order of OBJECT_TYPES.

    The object's id is the account's name. Nothing in it says who the agent is.
    """
    return {
        "auth": {
            "auth_type": "digest",
            "username": account.account,
            "realm": REALM,
            "password_digest": f"MD5:{account.digest}",
            "supported_algorithms_uas": "MD5",
        },
        "aor": {
            # One phone an account: who registers anew takes the place of the registration before.
            "max_contacts": "1",
            "remove_existing": "yes",
            "default_expiration": str(EXPIRY),
            "minimum_expiration": str(EXPIRY // 2),
            "maximum_expiration": str(EXPIRY * 2),
            "qualify_frequency": str(QUALIFY),
            "qualify_timeout": str(QUALIFY_ANSWER),
        },
        "endpoint": {
            "aors": account.account,
            "auth": account.account,
            **_ENDPOINT,
            **(
                {**_BROWSER, **_media(_browsers_host(settings))}
                if account.kind is AccountKind.BROWSER
                else {**_DESK, **_media(settings.sip_host)}
            ),
        },
    }


_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared and told, not bound here

_ENDPOINT: Mapping[str, str] = {
    "context": "agents",
    "identify_by": "username",
    "language": "id",
    "dtmf_mode": "rfc4733",
    # Our order and no other: the trunk speaks A-law, which then goes through as it is.
    "outgoing_call_offer_pref": "local_merge",
    "direct_media": "no",
    "rtp_symmetric": "yes",
    "force_rport": "yes",
    "rewrite_contact": "yes",
    "rtp_timeout": str(RTP_TIMEOUT),
    "rtp_timeout_hold": str(RTP_TIMEOUT_HOLD),
    "rtp_keepalive": "15",
    "timers": "yes",
    "timers_min_se": "90",
    "timers_sess_expires": "180",
    "moh_suggest": "kring",
    "max_audio_streams": "1",
    "max_video_streams": "0",
    "device_state_busy_at": "1",
    # Calls are moved by the service, which keeps the record, and by nobody else.
    "allow_transfer": "no",
    "allow_subscribe": "no",
    "allow_overlap": "no",
    "send_pai": "no",
    "send_rpid": "no",
    "trust_id_inbound": "no",
    "trust_id_outbound": "no",
}
_DESK: Mapping[str, str] = {"allow": "!all,alaw,ulaw", "ice_support": "no"}
# `webrtc` means DTLS-SRTP, ICE, AVPF, rtcp-mux.
_BROWSER: Mapping[str, str] = {
    "allow": "!all,alaw,ulaw,opus",
    "webrtc": "yes",
    "dtls_auto_generate_cert": "yes",
}


def _media(host: str) -> dict[str, str]:
    if host in _EVERYWHERE:
        return {}
    return {"media_address": host, "bind_rtp_to_media_address": "yes"}


def _browsers_host(settings: AsteriskSettings) -> str:
    host = settings.wss.host if settings.wss is not None else _EVERYWHERE[0]
    # Asterisk never offers a loopback address by ICE, so sound bound to one would reach no browser,
    # not even on this machine.
    return _EVERYWHERE[0] if host in ("127.0.0.1", "::1") else host
