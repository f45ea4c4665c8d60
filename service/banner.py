"""What the operator reads when the service is up."""

from collections.abc import Sequence

from asterisk_conf.settings import NUMBERS
from ivr.hours import WIB
from service.first_sign_in import FILE, first_sign_in
from service.settings import CHECKOUT, Settings
from web.operations import Line


def sip_address(settings: Settings, number: str = NUMBERS[0]) -> str:
    """Return the address to dial, e.g. `sip:1500200@127.0.0.1:5060`."""
    host = f"[{settings.sip_host}]" if ":" in settings.sip_host else settings.sip_host
    return f"sip:{number}@{host}:{settings.sip_port}"


def web_address(settings: Settings) -> str:
    """Return the address of the pages."""
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    scheme = "https" if settings.pages_by_tls else "http"
    return f"{scheme}://{host}:{settings.web_port}/"


def banner(
    settings: Settings, version: str, seconds: float, npwps: Sequence[tuple[str, str]], line: Line
) -> str:
    """Return the text. `npwps`: made-up numbers that the shipped register knows, each with what it is."""
    kring = ".venv/bin/kring" if (CHECKOUT / ".venv").is_dir() else "kring"
    lines = [
        "",
        f"Kring Pajak 1500200 is up ({seconds:.1f} s), with Asterisk {version}.",
        "",
        f"  Dial            {sip_address(settings)}",
        "                  with any softphone on this machine (no registration, PCMA or PCMU), or:",
        f'                  {kring} call 1500200 --press "1 w 1 <npwp> # 1"',
        *_numbers(npwps),
        *_closed(line),
        f"  Pages           {web_address(settings)}",
        *_first_sign_in(settings, kring),
        f"  For machines    {web_address(settings)}readyz  …/metrics  …/api/openapi.json",
        f"  Secrets         {settings.secrets_folder} (ARI and AMI users are `kring`)",
        f"  Logs            {settings.log_folder}",
        "",
        "Next:",
        f"  {kring} calls list            the record of calls",
        f"  {kring} line close            close the line; callers hear so",
        f"  edit {settings.flows}, and call again: new calls follow the new flow",
        f"  {kring} doctor                check the installation",
        "",
        "Ctrl-C stops all of it.",
        "",
    ]
    return "\n".join(lines)


def _first_sign_in(settings: Settings, kring: str) -> list[str]:
    found = first_sign_in(settings)
    demo = f"                  sign-ins of made-up agents, to try it: {kring} staff demo"
    if found is None:
        return [demo]
    user_name, password = found
    return [
        f"                  user name {user_name}, one-time password {password}",
        f"                  (in {settings.secrets_folder / FILE} until it is changed)",
        demo,
    ]


def _numbers(npwps: Sequence[tuple[str, str]]) -> list[str]:
    heads = ["  NPWPs to try", *[""] * len(npwps)]
    return [f"{head:<18}{number:<18}{about}" for head, (number, about) in zip(heads, npwps, strict=False)]


def _closed(line: Line) -> list[str]:
    if line.open:
        return []
    if line.shut:
        return ["", "  The line is closed by the switch: `kring line open` opens it again."]
    until = f" until {line.until.astimezone(WIB):%A %d-%m-%Y %H:%M} WIB" if line.until else ""
    return [
        "",
        f"  The line is closed by its timetable{until}: callers hear when it opens.",
        "  To walk through the menus now:  KRING_HOURS=always make run",
    ]
