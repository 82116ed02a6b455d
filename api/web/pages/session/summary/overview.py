"""Overview of all models in all test types, with the model that is clearly ahead in each."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.web.pages.session.sections import ModelCell, TestTypeSection
from api.web.pages.session.summary.clear_leader import ahead
from api.web.pages.session.summary.ranking import Ranking


@dataclass(frozen=True)
class OverviewRow:
    """One test type; `ahead` is the cell whose interval is better than all others at the same point, if any."""

    section: TestTypeSection
    ahead: ModelCell | None

    def of(self, model: str) -> ModelCell | None:
        """Return the cell of a model."""
        return next((cell for cell in self.section.cells if cell.model == model), None)


def overview(sections: Sequence[TestTypeSection], ranking: Ranking | None = None) -> list[OverviewRow]:
    """Return the test types in their order, without those whose results are in the ranking."""
    ranked = ranking.test_types if ranking else ()
    return [OverviewRow(section, _ahead(section.cells)) for section in sections if section.test_type not in ranked]


def _ahead(cells: Sequence[ModelCell]) -> ModelCell | None:
    known = {cell.model: cell.answer.found for cell in cells if cell.answer}
    if len({(found.label, found.at, found.better) for found in known.values()}) != 1:
        return None
    better = next(iter(known.values())).better
    best = ahead([(model, found.bounds or (None, None)) for model, found in known.items()], better)
    return next((cell for cell in cells if cell.model == best), None)
