"""The verbs a flow is written with, one file each."""

from collections.abc import Mapping
from types import MappingProxyType

from call_flows.step import Step
from call_flows.verbs.broadcast import Broadcast
from call_flows.verbs.call_back import CallBack
from call_flows.verbs.choose import Choose
from call_flows.verbs.collect import Collect
from call_flows.verbs.hang_up import HangUpStep
from call_flows.verbs.look_up import Ask
from call_flows.verbs.menu import Menu
from call_flows.verbs.open import Open
from call_flows.verbs.play import PlayStep
from call_flows.verbs.queue import Queue
from call_flows.verbs.speak import Speak
from call_flows.verbs.survey import Survey

VERBS: Mapping[str, type[Step]] = MappingProxyType(
    {
        step.verb: step
        for step in (
            Ask,
            Broadcast,
            CallBack,
            Choose,
            Collect,
            HangUpStep,
            Menu,
            Open,
            PlayStep,
            Queue,
            Speak,
            Survey,
        )
    }
)
