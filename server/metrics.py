"""What `/metrics` tells a monitoring system, in Prometheus' text format. The numbers come from the database at the moment of the question:
any number of processes serve the pages, and none of them holds a truth of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

CONTENT_TYPE = CONTENT_TYPE_LATEST


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit in its name (`clockbridge_edge_queue_rows`), what it means, and its values by label values."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    values: Mapping[tuple[str, ...], float]


class _Told:
    def __init__(self, measures: Iterable[Measure]) -> None:
        self._measures = list(measures)

    def collect(self) -> Iterable[Metric]:
        for measure in self._measures:
            family = GaugeMetricFamily(measure.name, measure.meaning, labels=measure.labels)
            for labels, value in measure.values.items():
                family.add_metric(labels, value)
            yield family


def expose(measures: Iterable[Measure]) -> bytes:
    """The text that a scraper reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(measures))
    return generate_latest(registry)
