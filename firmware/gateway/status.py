"""The retained `status` of this gateway, and its last will."""

import json


class Status:
    """Who this gateway is now; `payload()` is published on each connection and change."""

    def __init__(self, boot, hw, firmware, readers, reset):
        self._boot = boot
        self._fields = {"hw": hw, "firmware": firmware, "readers": readers, "reset": reset}
        self.config = None  # 16 hex digits of the config that is applied

    def payload(self):
        fields = dict(self._fields)
        fields.update({"v": 1, "online": True, "boot": self._boot})
        if self.config:
            fields["config"] = self.config
        return json.dumps(fields).encode()

    def will(self):
        """What the broker publishes when we vanish, and we ourselves when we stop."""
        return json.dumps({"v": 1, "online": False, "boot": self._boot}).encode()
