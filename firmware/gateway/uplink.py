"""Sends the outbox through a window of unconfirmed batches, and sends again what stays so.

A plain state machine: `step` is called whenever something may have become possible, and never
waits. A batch leaves the window only when it is confirmed: by the agent's `ack`, or, where the
gateway is set to it, by the broker's PUBACK.
"""

from gateway.encode import reads_payload
from gateway.packed import up_of

WINDOW = 16  # batches: 16 x 20 reads each 0.3 s (commit every 200 ms, round trip) = 1,000 reads/s
WINDOW_BYTES = 16 * 1024  # of payloads: what a weak link must carry again after each break
RESEND_MS = 10_000
RESEND_MAX_MS = 60_000


class Uplink:
    """`client` has `connected` and `publish(topic, payload, qos) -> packet id or None`."""

    def __init__(self, outbox, client, clock, topic, broker_confirms=False):
        self._outbox = outbox
        self._client = client
        self._clock = clock
        self._topic = topic  # "rollcall/<site>/<gateway>/reads/<boot>/"
        self._broker_confirms = broker_confirms
        self._packets = {}  # packet id -> seq, where the broker confirms
        self._agent = None  # (online, boot) as last said

    def step(self):
        """Send what is due and what the window has room for."""
        if not self._client.connected:
            return
        now = self._clock.up_ms()
        on_wire = [entry for entry in self._outbox.entries if entry.on_wire]
        for entry in on_wire:
            if entry.due_ms <= now and not self._send(entry, self._payload(entry, now), now):
                return
        room = WINDOW_BYTES - sum([entry.json_bytes for entry in on_wire])
        count = len(on_wire)
        while count < WINDOW:
            entry = self._outbox.next_unsent()
            if entry is None or (count and entry.json_bytes > room):
                return
            entry.t = self._clock.unix_ms(up_of(entry.packed))
            entry.sync = self._clock.sync_s()
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
        self._outbox.confirm(boot, first, last)

    def broker_acked(self, packet_id):
        """The broker's PUBACK: a confirmation only where the gateway is set to take it as one."""
        seq = self._packets.pop(packet_id, None)
        if seq is not None:
            self._outbox.confirm(self._outbox.boot, seq, seq)

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
        before, self._agent = self._agent, (online, boot)
        if online and before != self._agent and not (before is None and retained):
            self.link_is_new()

    def _send(self, entry, payload, now):
        packet_id = self._client.publish(self._topic + str(entry.seq), payload, 1)
        if packet_id is None:
            return False
        if self._broker_confirms:
            self._packets[packet_id] = entry.seq
        entry.on_wire = True
        entry.due_ms = now + min(RESEND_MS << min(entry.tries, 3), RESEND_MAX_MS)
        entry.tries += 1
        return True

    def _payload(self, entry, now):
        return reads_payload(entry.packed, entry.t, now, entry.sync, self._outbox.base())
