"""Whether the gateway gets on: only then is the board's watchdog fed.

That the loop turns is shown by being asked at all. Besides, each reader must have finished
something (a slot, an opening, or an error that was said), and an agent that is there must confirm.
What is known to be absent is no reason to begin again: a missing module or agent does not come
back by a reset.
"""

READER_MS = 120_000  # a slot takes 0.4 s, an opening with all its rates and pauses under 60 s
AGENT_MS = 1_800_000  # an agent that is online and confirms nothing of ours for half an hour


def stuck(now_ms, moved_ms, waiting_since_ms):
    """What does not get on, in words, or None.

    `moved_ms` maps each reader's name to when it last finished something; `waiting_since_ms` is
    since when an agent that is online owes a confirmation, None while it owes none.
    """
    for name in moved_ms:
        if now_ms - moved_ms[name] > READER_MS:
            return "reader {} hangs".format(name)
    if waiting_since_ms is not None and now_ms - waiting_since_ms > AGENT_MS:
        return "the agent is online and confirms nothing"
    return None
