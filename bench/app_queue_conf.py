"""The peer inside Asterisk: app_queue with the same agents, queues and widening rings, for the bench only.

`leastrecent` comes nearest to giving a call to whoever is idle longest; penalties are the rings, and a
rule widens them with the waiting time; `shared_lastcall` makes an agent's last call count in all queues.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from asterisk_conf import debian
from asterisk_conf.program import PACKAGES, SUITE, root
from bench.dialplan import APP_QUEUE
from bench.processes import CACHE, Installation, NotRunning
from bench.swarm_day import WIDER_AFTER, Day, widening

RING_SECONDS = 15
_MODULE = "app_queue.so"


def install(product: Installation, day: Day, accounts: Mapping[int, str]) -> None:
    """Load app_queue into the running Asterisk with a day's queues and agents (place → SIP account).

    Raises NotRunning when it does not work, debian.PackagesUnavailable when the module cannot be had.
    """
    etc = product.home / "asterisk" / "etc"
    (etc / "queues.conf").write_text(queues(day, accounts))
    (etc / "queuerules.conf").write_text(rules())
    with (etc / "extensions.conf").open("a", encoding="utf-8") as file:
        file.write(dialplan(day))
    module = os.path.relpath(_module(product), product.program.modules)
    product.console(f"module load {module}")
    product.console("dialplan reload")
    for line in day.lines:
        if f"bench-{line.queue} " not in product.console(f"queue show bench-{line.queue}"):
            raise NotRunning(f"app_queue does not run: {product.console('queue show')[-300:]}")


def queues(day: Day, accounts: Mapping[int, str]) -> str:
    """Return queues.conf: a queue for each line, an agent's penalty by the ring that admits the tier."""
    text = "[general]\npersistentmembers = no\nautofill = yes\nshared_lastcall = yes\n"
    for line in day.lines:
        text += f"""
[bench-{line.queue}]
strategy = leastrecent
musicclass = kring
autofill = yes
ringinuse = no
timeout = {RING_SECONDS}
; the shortest there is: 0 would mean 5
retry = 1
wrapuptime = 0
joinempty = yes
leavewhenempty = no
announce-frequency = 0
announce-holdtime = no
reportholdtime = no
timeoutrestart = no
setinterfacevar = no
"""
        for colleague in day.staff:
            tier = colleague.skills.get(line.skill)
            if tier is not None:
                penalty = widening(line.tier).index(tier) + 1
                name = f"PJSIP/{accounts[colleague.place]}"
                text += f"member => {name},{penalty},,{name}\n"
    return text


def rules() -> str:
    """Return queuerules.conf: the greatest penalty grows with the waiting time, as the product's rings do.

    A call looks at its rule once a second, with each try, and takes a change when it has waited for more
    whole seconds than the change says. So a ring that opens after 2 s is a change after 1: written as 2, the
    first try in the wider ring comes after 3 s (seen 16 times of 16 on Asterisk 22; as 1, after 2 s).
    """
    steps = "".join(
        f"penaltychange => {after - 1},{ring + 1}\n" for ring, after in enumerate(WIDER_AFTER) if ring
    )
    return f"[bench-widen]\n{steps}"


def dialplan(day: Day) -> str:
    """Return the dialplan: answer, a key, the key's queue."""
    text = f"""
[from-trunk](+)
exten => {APP_QUEUE},1,Goto(bench-queues,s,1)

[bench-queues]
exten => s,1,Answer(,i)
 same => n,WaitExten(10)
 same => n,Hangup()
"""
    for line in day.lines:
        text += f"""exten => {line.key},1,Set(QUEUE_MAX_PENALTY=1)
 same => n,Queue(bench-{line.queue},,,,600,,,bench-widen)
 same => n,Hangup()
"""
    return text


def _module(product: Installation) -> Path:
    """Return the module of the very Asterisk that runs; fetch it where the product left it out."""
    own = product.program.modules / _MODULE
    if own.exists():
        return own
    folder = CACHE / "bench-app-queue"
    debian.fetch(PACKAGES, SUITE, folder, check=_keep_only_the_module)
    # A module is made for one build; the mirror may have moved on since the product fetched its own.
    ours, theirs = (_build(tree) for tree in (root(CACHE), folder))
    if ours != theirs:
        raise NotRunning(f"{_MODULE} is of {theirs}, Asterisk of {ours}; remove both folders in {CACHE.name}")
    return next(folder.rglob(_MODULE))


def _keep_only_the_module(tree: Path) -> None:
    for path in sorted(tree.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.name != _MODULE and path.name != ".debian-packages":
            path.unlink()


def _build(tree: Path) -> str:
    """Return the version of Asterisk's modules that a fetched tree was unpacked from."""
    manifest = next(tree.glob(".debian-packages")).read_text("utf-8")
    return next((line for line in manifest.splitlines() if line.startswith("asterisk-modules_")), "")
