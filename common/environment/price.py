"""The price of electricity, which makes prices of tokens out of their energy."""

import re
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

JOULES_PER_KWH = 3_600_000
TOKENS = 1_000_000
"""Number of tokens that a price is for, as services quote it."""
MAX_PRICE = 10_000
SHAPE = re.compile(r"(?P<price>\d{1,5}(\.\d{1,6})?)\s*(?P<currency>[^\W\d_]{1,5}|[$€£¥₹])")


@dataclass(frozen=True)
class ElectricityPrice:
    """The price of a kilowatt-hour in a currency, such as 0.30 EUR."""

    per_kwh: float
    currency: str

    def of_tokens(self, joules_per_token: float | None) -> float | None:
        """Return the price of a million tokens, None if their energy is unknown."""
        return None if joules_per_token is None else joules_per_token * TOKENS / JOULES_PER_KWH * self.per_kwh


class PriceField(fields.Field[ElectricityPrice]):
    """A price as `0.30 EUR`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> ElectricityPrice:  # noqa: ANN401 - as in marshmallow
        found = SHAPE.fullmatch(str(value).strip())
        if found is None or not 0 < float(found["price"]) <= MAX_PRICE:
            raise ValidationError(f"must be a price above 0 and up to {MAX_PRICE} with a currency, such as 0.30 EUR.")
        return ElectricityPrice(float(found["price"]), found["currency"])
