"""The peers inside Asterisk: the benches' menu and hold as dialplan, beside the product's own numbers."""

from asterisk_conf.ami import MONITOR

MENU = "1500298"
HOLD = "1500297"
APPLICATION = "1500296"  # leads to the ARI application of a peer client
RECORDED = "1500295"  # the same, with both sides recorded by the dialplan
APP_QUEUE = "1500294"  # leads to Asterisk's own queues, while their bench runs
PEER_APPLICATION = "bench-peer"

TEXT = f"""
[from-trunk](+)
exten => {MENU},1,Goto(bench-menu,s,1)
exten => {HOLD},1,Answer(,i)
 same => n,Playback(kring/id/bench_menu)
 same => n,Wait(60)
 same => n,Hangup()
exten => {APPLICATION},1,Stasis({PEER_APPLICATION})
 same => n,Hangup()
exten => {RECORDED},1,Answer()
 same => n,Set(BARE=bare-${{UNIQUEID}})
 same => n,MixMonitor(,r(${{BARE}}-caller.wav)t(${{BARE}}-agent.wav)i({MONITOR}))
 same => n,Stasis({PEER_APPLICATION})
 same => n,Hangup()

[bench-menu]
exten => s,1,Answer()
 same => n,Playback(kring/id/bench_greeting)
 same => n,Background(kring/id/bench_menu)
 same => n,WaitExten(10)
exten => 1,1,Goto(bench-service,s,1)
exten => i,1,Goto(s,3)
exten => t,1,Goto(s,3)

[bench-service]
exten => s,1,Background(kring/id/bench_service)
 same => n,WaitExten(10)
exten => 1,1,Playback(kring/id/bench_goodbye)
 same => n,Hangup()
exten => i,1,Goto(s,1)
exten => t,1,Goto(s,1)
"""
