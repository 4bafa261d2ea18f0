"""The ESP32's Wi-Fi as a station, of MicroPython 1.25's port. When to do what: gateway/wifi.py."""

import json

import network

FILE = "wifi.json"  # {"ssid": .., "password": ..}; the serial prompt may change it alone
_NAMES = {
    1000: "idle",
    1001: "connecting",
    1010: "connected",
    200: "beacon lost",
    201: "no such network",
    202: "wrong password",
    203: "the access point refuses",
    204: "handshake timed out",
}


class Wifi:
    """Where `wifi.json` names no network it stays away, and says so: reads go to flash."""

    def __init__(self, files, hostname):
        self._files = files
        self._key = _key(files.read_file(FILE))
        network.hostname(hostname)
        self._station = network.WLAN(network.STA_IF)

    def keep(self, fields):
        """Let the next boot use another network. Raises OSError."""
        self._files.write_file(FILE, json.dumps(fields).encode())

    def connect(self):
        """Begin; the system keeps trying by itself. By name alone: any access point will do."""
        if self._key is None:
            return
        self._station.active(True)
        self._station.config(reconnects=-1)
        try:
            self._station.connect(*self._key)
        except OSError:  # it is connecting already, after a soft reset
            pass

    def reconnect(self):
        try:
            self._station.disconnect()
        except OSError:  # it was not connected
            pass
        self.connect()

    def restart(self):
        """The interface off and on."""
        self._station.active(False)
        self.connect()

    def is_connected(self):
        return self._station.isconnected()

    def trouble(self):
        """What the port says of the link, in words."""
        if self._key is None:
            return "{} names no network: type wifi on the serial line".format(FILE)
        status = self._station.status()
        return _NAMES.get(status, "status {}".format(status))

    def rssi(self):
        """dBm of the access point, or None while there is none."""
        try:
            return self._station.status("rssi")
        except OSError:
            return None


def _key(kept):
    """(name, password or None) of the file's bytes, or None where it names none."""
    try:
        fields = json.loads(kept or b"{}")
    except ValueError:
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("ssid"), str):
        return None
    return fields["ssid"], fields.get("password") or None
