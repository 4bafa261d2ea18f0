"""The `config` that was applied last, kept on flash: the broker may be away at the next start."""

from gateway.config import BadSettings, config_hash, parse_config

_FILE = "config.json"


class ConfigFile:
    """A config is taken whole or not at all. `gateway` has `readers`, `radio`, `status`, `use`."""

    def __init__(self, files, say):
        self._files = files
        self._say = say

    def load(self, gateway):
        """Apply what was kept."""
        payload = self._files.read_file(_FILE)
        if payload:
            self._apply(payload, gateway)

    def take(self, payload, gateway):
        """Apply and keep it; whether it was another one and good."""
        if gateway.status.config == config_hash(payload) or not self._apply(payload, gateway):
            return False
        try:
            self._files.write_file(_FILE, payload)
        except OSError as error:  # full or worn flash: it works on until the next start
            self._say("error", "config cannot be kept: {}".format(error))
        return True

    def _apply(self, payload, gateway):
        try:
            radio, config = parse_config(payload, gateway.readers, gateway.radio)
        except BadSettings as error:
            self._say("error", "config refused, the old one stays: {}".format(error))
            return False
        gateway.use(radio)
        gateway.status.config = config
        self._say("info", "config {} applied".format(config))
        return True
