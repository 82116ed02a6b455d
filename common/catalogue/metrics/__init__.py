"""All metrics, by name: label, unit, direction and formula.

A metric is a number of one run. A test has its median under the metric's name, and its distribution under
`statistics`. Formulas use Ollama's fields (nanoseconds) and the client's time stamps.
"""

from common.catalogue.metrics import of_answers, of_loads, of_machines, of_requests
from common.catalogue.metrics.metric import Metric

__all__ = ["METRICS", "Metric"]

_DECLARED = (*of_requests.DECLARED, *of_loads.DECLARED, *of_machines.DECLARED, *of_answers.DECLARED)
METRICS = {metric.name: metric for metric in _DECLARED}
