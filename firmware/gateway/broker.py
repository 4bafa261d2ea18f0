"""The client of the broker that the settings name, as the gateway that they name."""

from gateway.mqtt import Client, MqttSettings


def client_of(settings, board, listener, clock, will):
    """`will` is the payload that the broker publishes on `status` where the gateway is gone."""
    mqtt = settings.mqtt
    channel = "rollcall/{}/{}/".format(settings.site, settings.gateway)
    where = MqttSettings(
        mqtt["host"],
        mqtt.get("port", 1883),
        "rollcall-{}-{}".format(settings.site, settings.gateway),
        [],
        (channel + "status", will),
        mqtt.get("user"),
        mqtt.get("password"),
        board.tls(mqtt),
    )
    return Client(where, listener, clock, board.random_bytes, board.outgoing_bytes)
