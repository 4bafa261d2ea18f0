"""The demo's broker, as a process of its own. It keeps nothing: the chain bears that."""

import asyncio
import logging
import sys
from collections.abc import Iterator
from typing import Any

from amqtt.broker import Broker

from simulator.demo.child import stopped

_ANONYMOUS = "amqtt.plugins.authentication.AnonymousAuthPlugin"


async def serve(address: str, port: int) -> None:
    """Serve MQTT 3.1.1 to anyone on that address until told to stop."""
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{address}:{port}"}},
            "plugins": {_ANONYMOUS: {"allow_anonymous": True}},
        }
    )
    # amqtt 0.12 walks over its subscriptions while it serves others: a client that connects just
    # as another subscribes is thrown out with "dictionary changed size during iteration".
    broker._subscriptions = _SteadyDict(broker._subscriptions)
    await broker.start()
    print("ready", flush=True)
    await stopped()
    await broker.shutdown()


class _SteadyDict(dict[str, Any]):
    """A dict that may change while one walks over it."""

    def __iter__(self) -> Iterator[str]:
        return iter(list(super().__iter__()))

    def items(self) -> Any:
        return list(super().items())


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
