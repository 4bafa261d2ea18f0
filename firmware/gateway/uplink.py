"""Sends the outbox through a window of unconfirmed batches, and sends again what stays so.

A plain state machine: `step` is called whenever something may have become possible, and never
waits. A batch leaves the window only when it is confirmed: by the agent's `ack`, or, where the
gateway is set to it, by the broker's PUBACK.
"""

from gateway.encode import reads_payload

WINDOW = 16  # batches: 16 x 20 reads each 0.3 s (commit every 200 ms, round trip) = 1,000 reads/s
# Of payloads: what a weak link must carry again after each break. Less on a board without PSRAM:
# 6 KiB x 20 reads a KiB each 0.3 s = 400 reads/s.
WINDOW_BYTES = 16 * 1024
RESEND_MS = 10_000
RESEND_MAX_MS = 60_000
CONFIRMING_MS = 15_000  # an idle gateway sends a batch in 10 s


class Uplink:
    """`client` has `connected` and `publish(topic, payload, qos) -> packet id or None`."""

    def __init__(self, outbox, client, clock, topic, broker_confirms=False, window=None):
        self._outbox = outbox
        self._client = client
        self._clock = clock
        self._topic = topic  # "rollcall/<site>/<gateway>/reads/"
        self._broker_confirms = broker_confirms
        self._window_bytes = window or WINDOW_BYTES
        self._packets = {}  # packet id -> (boot, seq), where the broker confirms
        self._owed_ms = 0  # when the wire began to hold something
        self._confirmed_ms = None  # when something was confirmed last
        self._agent = None  # (online, boot) as last said
        self.own_confirmed = False  # whether a batch of this boot was ever confirmed

    def step(self):
        """Send what is due and what the window has room for."""
        if not self._client.connected:
            return
        now = self._clock.up_ms()
        on_wire = [entry for entry in self._outbox.entries if entry.on_wire]
        for entry in on_wire:
            if entry.due_ms <= now and not self._send(entry, self._payload(entry, now), now):
                return
        room = self._window_bytes - sum([entry.json_bytes for entry in on_wire])
        count = len(on_wire)
        while count < WINDOW:
            entry = self._outbox.next_unsent()
            if entry is None or (count and entry.json_bytes > room):
                return
            self._outbox.date(entry)
            payload = self._payload(entry, now)
            entry.json_bytes = len(payload)
            if count and len(payload) > room:
                return
            if not self._send(entry, payload, now):
                return
            room -= len(payload)
            count += 1

    def acked(self, boot, first, last):
        """The agent named these batches."""
        if self._outbox.confirm(boot, first, last):
            self._confirmed_ms = self._clock.up_ms()
            self.own_confirmed = self.own_confirmed or boot == self._outbox.boot

    @property
    def confirming(self):
        """Whether what is sent now can be expected to be confirmed soon."""
        if not self._client.connected or self._confirmed_ms is None:
            return False
        return self._clock.up_ms() - self._confirmed_ms < CONFIRMING_MS

    def owed_since_ms(self):
        """Since when an agent that is online owes a confirmation of what is on the wire, or None.

        Counted from its last confirmation, or from the first batch that waits for one.
        """
        online = self._agent is not None and self._agent[0] and self._client.connected
        if not online or not any(entry.on_wire for entry in self._outbox.entries):
            return None
        return max(self._owed_ms, self._confirmed_ms or 0)

    def broker_acked(self, packet_id):
        """The broker's PUBACK: a confirmation only where the gateway is set to take it as one.

        The next batch follows at once: with a round trip of 1 ms a tick would be 50 times that.
        """
        name = self._packets.pop(packet_id, None)
        if name is not None:
            self.acked(name[0], name[1], name[1])
            self.step()

    def link_is_new(self):
        """Send again everything on the wire: the link, or the agent behind it, is another."""
        self._packets.clear()
        for entry in self._outbox.entries:
            if entry.on_wire:
                entry.due_ms = 0
                entry.tries = 0

    def agent_is(self, online, boot, retained):
        """The agent's status: when it comes online or its boot changes, send again.

        The first word of an agent says so only where it is news, not the retained one that
        greets each connection.
        """
        if online and not (self._agent and self._agent[0]):
            self._owed_ms = max(self._owed_ms, self._clock.up_ms())
        before, self._agent = self._agent, (online, boot)
        if online and before != self._agent and not (before is None and retained):
            self.link_is_new()

    def _send(self, entry, payload, now):
        packet_id = self._client.publish(
            self._topic + entry.boot + "/" + str(entry.seq), payload, 1
        )
        if packet_id is None:
            return False
        if self._broker_confirms:
            self._packets[packet_id] = (entry.boot, entry.seq)
        if not entry.on_wire and not any(other.on_wire for other in self._outbox.entries):
            self._owed_ms = now
        entry.on_wire = True
        entry.due_ms = now + min(RESEND_MS << min(entry.tries, 3), RESEND_MAX_MS)
        entry.tries += 1
        return True

    def _payload(self, entry, now):
        own = entry.boot == self._outbox.boot
        base = self._outbox.base(entry.boot)
        return reads_payload(entry.packed, entry.t, now if own else None, entry.sync, base)
