"""What Home Assistant is told of a school by MQTT discovery: gateways, carts, open alerts. Pure.

Formats: Home Assistant, "MQTT discovery" (`<prefix>/<component>/<node>/<object>/config`, retained;
an empty payload takes an entity away). One state for each thing stands beside its configurations.
Nothing of a person and no tag's number goes out: what the board shows, and counts of alerts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from edge.agent.shown.views import AlertView, CartView, GatewayView
from edge.contracts.school import School
from edge.contracts.topics import Topics

PREFIX = "homeassistant"

_ONLINE = "{{ 'online' if value_json.online else 'offline' }}"
_COUNTED = "{{ 'offline' if value_json.present is none else 'online' }}"
_CONNECTED = "{{ 'ON' if value_json.state == 'online' else 'OFF' }}"
_LEFT = "{{ 'ON' if 'left-building' in value_json.kinds else 'OFF' }}"


def subscription(site: str) -> str:
    """Every topic that this page publishes for a site, and no other."""
    return f"{PREFIX}/+/{_node(site)}/#"


def is_own(topic: str, site: str) -> bool:
    """Whether `subscription` brought this topic."""
    parts = topic.split("/")
    return parts[0] == PREFIX and len(parts) > 3 and parts[2] == _node(site)


def messages(
    school: School,
    gateways: Iterable[GatewayView],
    carts: Iterable[CartView],
    open_rules: Iterable[str],
    url: str = "",
) -> dict[str, bytes]:
    """Topic to payload of all that is to stand retained; `open_rules` has each open alert's rule.

    `url` is where the page is, if people can reach it by a name.
    """
    home = _Home(school, url)
    told: dict[str, Any] = {}
    for gateway in gateways:
        if gateway.known:
            told.update(home.gateway(gateway))
    for cart in carts:
        told.update(home.cart(cart))
    told.update(home.alerts(Counter(open_rules)))
    return {topic: msgspec.json.encode(body) for topic, body in told.items()}


def rules(alerts: Iterable[AlertView]) -> Iterator[str]:
    """The rules of those that are open."""
    return (alert.rule for alert in alerts if alert.open)


class _Home:
    """The messages of one school, as they are before they are JSON."""

    def __init__(self, school: School, url: str) -> None:
        self._node = _node(school.site)
        self._status = Topics(school.site).agent_status()
        self._school = {
            "identifiers": [self._node],
            "name": school.name,
            "manufacturer": "Rollcall",
            "model": "school",
            **({"configuration_url": url} if url else {}),
        }

    def gateway(self, view: GatewayView) -> Iterator[tuple[str, Any]]:
        thing = f"gateway-{view.id}"
        device = self._device(thing, view.name, "gateway")
        if view.firmware:
            device["sw_version"] = view.firmware
        state = self._state("binary_sensor", thing)
        yield self._config(
            "binary_sensor",
            thing,
            device,
            name=None,  # the device's own
            device_class="connectivity",
            entity_category="diagnostic",
            state_topic=state,
            value_template=_CONNECTED,
            json_attributes_topic=state,
        )
        health = view.health
        yield (
            state,
            {
                "state": view.state,
                "places": view.places,
                "readers": view.readers,
                "lost": view.lost,
                "outbox": health.outbox if health else None,
            },
        )

    def cart(self, view: CartView) -> Iterator[tuple[str, Any]]:
        thing = f"cart-{view.id}"
        device = self._device(thing, view.name, "charging cart")
        state = self._state("sensor", thing)
        # A cart that cannot be read has no number, and never the number 0.
        availability = [self._agent(), {"topic": state, "value_template": _COUNTED}]
        for what, name in (("present", "Devices present"), ("missing", "Devices missing")):
            yield self._config(
                "sensor",
                f"{thing}-{what}",
                device,
                name=name,
                state_class="measurement",
                unit_of_measurement="devices",
                state_topic=state,
                value_template="{{ value_json." + what + " }}",
                json_attributes_topic=state,
                availability=availability,
                availability_mode="all",
            )
        yield (
            state,
            {
                "present": view.present,
                "missing": None if view.present is None else len(view.missing),
                "expected": view.expected,
                "missing_numbers": [missing.label for missing in view.missing],
                "state": view.state,
                "room": view.room_name,
            },
        )

    def alerts(self, kinds: Counter[str]) -> Iterator[tuple[str, Any]]:
        state = self._state("sensor", "alerts")
        yield self._config(
            "sensor",
            "alerts",
            self._school,
            name="Open alerts",
            state_class="measurement",
            unit_of_measurement="alerts",
            state_topic=state,
            value_template="{{ value_json.open }}",
            json_attributes_topic=state,
        )
        yield self._config(
            "binary_sensor",
            "left-building",
            self._school,
            name="A device left the building",
            device_class="problem",
            state_topic=state,
            value_template=_LEFT,
        )
        yield state, {"open": kinds.total(), "kinds": dict(sorted(kinds.items()))}

    def _config(
        self, component: str, thing: str, device: dict[str, Any], **entity: Any
    ) -> tuple[str, dict[str, Any]]:
        entity.setdefault("availability", [self._agent()])
        entity |= {
            "unique_id": f"{self._node}-{thing}",
            "device": device,
            "origin": {"name": "Rollcall"},
        }
        return f"{PREFIX}/{component}/{self._node}/{thing}/config", entity

    def _state(self, component: str, thing: str) -> str:
        return f"{PREFIX}/{component}/{self._node}/{thing}/state"

    def _agent(self) -> dict[str, str]:
        return {"topic": self._status, "value_template": _ONLINE}

    def _device(self, thing: str, name: str, model: str) -> dict[str, Any]:
        return {
            "identifiers": [f"{self._node}-{thing}"],
            "name": name,
            "manufacturer": "Rollcall",
            "model": model,
            "via_device": self._node,
        }


def _node(site: str) -> str:
    return f"rollcall-{site}"
