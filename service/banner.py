"""What the operator reads when the service is up."""

from collections.abc import Sequence

from asterisk_conf.settings import NUMBERS
from service.settings import CHECKOUT, Settings

EXAMPLES = 3


def sip_address(settings: Settings, number: str = NUMBERS[0]) -> str:
    """Return the address to dial, e.g. `sip:1500200@127.0.0.1:5060`."""
    host = f"[{settings.sip_host}]" if ":" in settings.sip_host else settings.sip_host
    return f"sip:{number}@{host}:{settings.sip_port}"


def web_address(settings: Settings) -> str:
    """Return the address of the status page."""
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{settings.web_port}/"


def banner(settings: Settings, version: str, seconds: float, npwps: Sequence[str]) -> str:
    """Return the text. `npwps` are synthetic numbers that the shipped register knows."""
    kring = ".venv/bin/kring" if (CHECKOUT / ".venv").is_dir() else "kring"
    example = npwps[0] if npwps else "NPWP"
    lines = [
        "",
        f"Kring Pajak 1500200 is up ({seconds:.1f} s), with Asterisk {version}.",
        "",
        f"  Dial            {sip_address(settings)}",
        "                  with any softphone on this machine (no registration, PCMA or PCMU), or:",
        f'                  {kring} call 1500200 --press "1 w 1 {example} # 1"',
        f"  Numbers to try  {', '.join(npwps[:EXAMPLES]) or '-'} (synthetic NPWPs)",
        f"  Status page     {web_address(settings)}",
        f"  For machines    {web_address(settings)}readyz  …/metrics  …/api/calls",
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
