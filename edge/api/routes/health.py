"""`/health/live`, `/health/ready` and `/metrics`: for those who watch the machine."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import get_args

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from edge.agent.shown.views import CartView, GatewayState, Totals
from edge.api.access import counts, public
from edge.api.models import Alive, Broker, Ready
from edge.api.problems import described

router = APIRouter(tags=["health"])


@router.get("/health/live", dependencies=[Depends(public)])
async def live() -> Alive:
    """Whether the process answers at all."""
    return Alive()


@router.get("/health/ready", dependencies=[Depends(public)], responses=described(503))
async def ready(request: Request) -> Ready:
    """Whether the agent can answer. A broker that is away is told, and does not make it unready."""
    agent = request.app.state.agent
    broker: Broker = "connected" if agent.broker_connected else "unreachable"
    if agent.not_ready_because is not None:
        raise HTTPException(503, f"{agent.not_ready_because} The broker is {broker}.")
    return Ready(broker=broker, set_aside=(await agent.queries.totals()).set_aside)


@router.get("/metrics", dependencies=[Depends(counts)], response_class=PlainTextResponse)
async def metrics(request: Request) -> Response:
    """The agent's counters, for Prometheus: counts only, nothing of any device."""
    state = request.app.state
    queries = state.agent.queries
    carts = await queries.carts(state.clock())
    numbers = _Numbers(
        await queries.totals(),
        carts,
        state.live.streams,
        gateways=Counter(gateway.state for gateway in await queries.gateways()),
        open_alerts=(await queries.alerts(open_only=True, limit=1)).total,
        broker_connected=bool(state.agent.broker_connected),
        writes=state.agent.cannot_write is None,
    )
    registry = CollectorRegistry()
    registry.register(numbers)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Numbers(Collector):
    def __init__(
        self,
        totals: Totals,
        carts: list[CartView],
        streams: int,
        *,
        gateways: Mapping[GatewayState, int],
        open_alerts: int,
        broker_connected: bool,
        writes: bool,
    ) -> None:
        self.totals = totals
        self.carts = carts
        self.streams = streams
        self.gateways = gateways
        self.open_alerts = open_alerts
        self.broker_connected = broker_connected
        self.writes = writes

    def collect(self) -> Iterable[Metric]:
        totals = self.totals
        for name, help_, value in (
            ("commits", "Commits of the journal since the start.", totals.commits),
            ("batches", "Batches in the journal.", totals.batches),
            ("batch_repeats", "Batches that came again.", totals.repeats),
            ("quarantined", "Payloads and reads that could not be taken.", totals.quarantined),
            ("reads", "Merged reads in the journal.", totals.reads),
            ("raw_reads", "Raw reads behind them.", totals.sum_n),
            ("lost_batches", "Batches that are gone for good.", totals.lost),
            ("events", "Events of the engine.", totals.events),
            ("set_aside_rows", "Journal rows left out for a fault.", totals.set_aside),
            ("dropped_batches", "Batches refused by the full intake.", totals.dropped),
            ("put_off_facts", "Other rows that found no room, offered again.", totals.put_off),
            ("missed_changes", "Changes too many for a watcher, who asked anew.", totals.missed),
        ):
            yield CounterMetricFamily(f"rollcall_{name}", help_, value=value)
        lag = totals.journal_pos - totals.ledger_pos
        yield GaugeMetricFamily("rollcall_engine_lag_rows", "Rows without events yet.", value=lag)
        yield GaugeMetricFamily("rollcall_intake", "Waiting to be written.", value=totals.waiting)
        writes = int(self.writes)
        yield GaugeMetricFamily("rollcall_writes", "0: nothing can be written.", value=writes)
        yield GaugeMetricFamily("rollcall_streams", "Open live streams.", value=self.streams)
        connected = int(self.broker_connected)
        yield GaugeMetricFamily("rollcall_broker_connected", "Whether it is.", value=connected)
        alerts = self.open_alerts
        yield GaugeMetricFamily("rollcall_alerts_open", "Alerts that are open.", value=alerts)
        gateways = GaugeMetricFamily("rollcall_gateways", "How they stand.", labels=["state"])
        for state in get_args(GatewayState):
            gateways.add_metric([state], self.gateways.get(state, 0))
        yield gateways
        yield from self._of_carts()

    def _of_carts(self) -> Iterable[Metric]:
        expected = GaugeMetricFamily("rollcall_cart_expected", "Devices of it.", labels=["cart"])
        present = GaugeMetricFamily("rollcall_cart_present", "Of them in it.", labels=["cart"])
        readable = GaugeMetricFamily("rollcall_cart_readable", "Can be read.", labels=["cart"])
        for cart in self.carts:
            expected.add_metric([cart.id], cart.expected)
            readable.add_metric([cart.id], int(cart.present is not None))
            if cart.present is not None:
                present.add_metric([cart.id], cart.present)
        yield from (expected, present, readable)
