"""The test telephone: real SIP calls, real keys, and an ear that recognises prompts.

pjsua2 is GPL, so it lives in a process of its own (`service.phone.process`), is optional, and is
reached over pipes (`service.phone.client`). The ear (`service.phone.ear`) is plain numpy.
"""
