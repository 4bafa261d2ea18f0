"""What arrives by MQTT, checked and handed to who it is for."""

from gateway.strict_json import parse_object

# What a message of another shape can bring; OverflowError is of a number without end.
_WRONG = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


class Inbox:
    """Topics of one gateway. `clock`, `uplink`, `commands` as in their modules; `configure` takes
    a `config` payload; `say(level, text)` is the log."""

    def __init__(self, site, gateway, clock, uplink, commands, configure, say):
        own = "rollcall/{}/{}/".format(site, gateway)
        self._handlers = {
            own + "ack": self._ack,
            own + "config": self._config,
            own + "cmd": self._command,
            "rollcall/{}/agent/status".format(site): self._agent_status,
        }
        self.topics = sorted(self._handlers)
        self._clock = clock
        self._uplink = uplink
        self._commands = commands
        self._configure = configure
        self._say = say
        self._doubts = False  # the agent's last `now` could not be
        self.refused = 0  # messages that could not be understood

    def message(self, topic, payload, retained):
        handler = self._handlers.get(topic)
        if handler is None or not payload:  # an empty payload clears a retained topic
            return
        try:
            handler(payload, retained)
        except _WRONG as error:
            self.refused += 1
            self._say("warning", "{} refused: {}".format(topic, error))

    def _ack(self, payload, retained):
        message = parse_object(payload)
        ranges = [(boot, int(first), int(last)) for boot, first, last in message["got"]]
        for boot, first, last in ranges:
            self._uplink.acked(boot, first, last)
        self._take_time(message, retained)

    def _agent_status(self, payload, retained):
        message = parse_object(payload)
        self._uplink.agent_is(bool(message["online"]), message.get("boot"), retained)
        self._take_time(message, retained)

    def _take_time(self, message, retained):
        """A retained `now` is as old as the retained message; null is an agent in doubt."""
        now = message.get("now")
        if now is not None and not retained:
            try:
                self._clock.set_unix_ms(int(now))
                self._doubts = False
            except _WRONG as error:  # it comes with every ack: counted, said once
                self.refused += 1
                if not self._doubts:
                    self._say("warning", "the agent's time is refused: {}".format(error))
                self._doubts = True

    def _config(self, payload, retained):
        self._configure(payload)

    def _command(self, payload, retained):
        if retained:
            return  # commands are not; a retained one would be done at every connection
        self._commands.take(payload)
