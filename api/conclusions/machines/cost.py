"""The energy of a token, with one user and with as many as are served well, and its price."""

from dataclasses import dataclass

from api.conclusions.machines.capacity import Served, at, median
from common.environment.price import ElectricityPrice
from common.store.earlier.newest.newest import StoredResult

ENERGY = "energyPerToken"


@dataclass(frozen=True)
class TokenCost:
    """Joules of a token, and the price of a million tokens, with a number of `users`."""

    users: int
    joules: float
    price: float | None


def costs(alone: StoredResult | None, served: Served | None, price: ElectricityPrice | None) -> list[TokenCost]:
    """Return what is known, with one user first. `alone` is the energy in a test with one request at a time.

    An energy of zero is that of a counter that did not move, so it is unknown.
    """
    one = alone.value if alone else None
    many = (served.users or 1, median(at(served.points, served.users), ENERGY)) if served else (1, None)
    return [
        TokenCost(users, joules, price.of_tokens(joules) if price else None)
        for users, joules in ((1, one), many)
        if joules is not None and joules > 0
    ]
