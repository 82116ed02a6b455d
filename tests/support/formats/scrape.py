"""Metrics as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families


class Figures:
    """A scrape's samples by name and labels."""

    def __init__(self, text: str) -> None:
        self.samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def get(self, name: str, **labels: str) -> float | None:
        found = [sample.value for sample in self.samples if sample.name == name and sample.labels == labels]
        assert len(found) <= 1, "a sample is there twice"
        return found[0] if found else None

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of all samples that have these labels."""
        return sum(s.value for s in self.samples if s.name == name and labels.items() <= s.labels.items())
