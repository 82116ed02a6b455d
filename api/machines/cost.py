"""What tokens cost: the energy of the machine's GPUs and processors, at the owner's price of electricity."""

from dataclasses import dataclass

JOULES_PER_KWH = 3_600_000
TOKENS = 1_000_000
"""Prices are of as many tokens as services charge for."""


@dataclass(frozen=True)
class Price:
    """The price of a kilowatt-hour in a currency, such as 0.30 EUR."""

    per_kwh: float
    currency: str

    def of_tokens(self, joules_per_token: float | None) -> float | None:
        """Return the price of a million tokens, None if their energy is unknown."""
        return None if joules_per_token is None else joules_per_token * TOKENS / JOULES_PER_KWH * self.per_kwh
