"""The memory that a model needs with a context: measured as far as possible, computed beyond that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from api.conclusions.machines.memory_for_models import CacheSettings, Room
from common.ollama.context_memory import NOT_REPORTED, ContextMemory
from common.store.earlier.newest.memory import MemoryUse
from common.values.units import text

SPARE = 0.9
"""Share of the memory that computed needs may take. The server needs some for its computations too."""


class Fit(StrEnum):
    """Where a model runs. TIGHT is a computed need that leaves little for the server's computations."""

    FITS = "fits"
    TIGHT = "tight"
    SPLIT = "split"
    TOO_LARGE = "tooLarge"


@dataclass(frozen=True)
class Measured:
    """What a model took with a `context` while it was tested, in bytes: in all, and of this in RAM besides VRAM."""

    context: int
    total: int
    beside_vram: int
    source: str


@dataclass(frozen=True)
class Kind:
    """What is known of a model without measuring it: its size on disk, and what its context takes."""

    size: int | None = None
    context_limit: int | None = None
    per_token: ContextMemory = NOT_REPORTED


@dataclass(frozen=True)
class Need:
    """Bytes that a model needs with `context` tokens.

    `measured` of them were measured with `measured_context` tokens. `weights` are computed if nothing was measured, and
    `added` is the computed part of the context. What is None is unknown, or does not apply. `notes` say why, and what
    the numbers rest on.
    """

    context: int
    measured: int | None
    measured_context: int | None
    weights: int | None
    added: int | None
    fit: Fit | None
    notes: Sequence[str]

    @property
    def known(self) -> int | None:
        """The sum of what is known."""
        parts = [part for part in (self.measured, self.weights, self.added) if part is not None]
        return sum(parts) if parts else None


def measured(use: MemoryUse, context: int, room: Room, size: int | None) -> Measured | None:
    """Return what a test says of a model's memory, None if other models were in memory too, or if it is unknown.

    The sampler's readings come first. /api/ps has what the server expected when it loaded the model.
    """
    if not use.is_alone:
        return None
    context = use.context or context
    if room.vram:
        on_cpu = use.size - use.size_vram if use.size is not None and use.size_vram is not None else 0
        if use.vram:
            return Measured(context, round(use.vram) + on_cpu, on_cpu, "readings of the GPU")
        return Measured(context, use.size, on_cpu, "/api/ps") if use.size and use.size_vram else None
    if use.ram and use.ram >= (size or 0):
        return Measured(context, round(use.ram), 0, "readings of the processes")
    return Measured(context, use.size, 0, "/api/ps") if use.size else None


def need(asked: int, known: Sequence[Measured], kind: Kind, settings: CacheSettings, room: Room) -> Need:
    """Return what a model needs with the context that is asked for, or with its own if that is shorter."""
    context = min(asked, kind.context_limit or asked)
    base = _nearest(known, context)
    missing = context if base is None else max(0, context - base.context)
    per_token = kind.per_token.per_token
    added = settings.bytes_of(missing, per_token) if missing and per_token is not None else None
    weights = kind.size if base is None else None
    found = Need(
        context,
        base.total if base else None,
        base.context if base else None,
        weights,
        added,
        None,
        list(_notes(asked, context, base, kind, has_gap=bool(missing))),
    )
    return replace(found, fit=_fit(found, base, room, is_whole=not missing or added is not None))


def _nearest(known: Sequence[Measured], context: int) -> Measured | None:
    """Return the measurement with the smallest context that suffices, or with the largest one."""
    enough = [each for each in known if each.context >= context]
    if enough:
        return min(enough, key=lambda each: each.context)
    return max(known, key=lambda each: each.context, default=None)


def _fit(found: Need, base: Measured | None, room: Room, *, is_whole: bool) -> Fit | None:
    """Return where the model runs, as far as that follows from what is known."""
    total = found.known
    if room.main is None or total is None or (base is None and found.weights is None):
        return None
    if base and base.beside_vram:
        return Fit.SPLIT
    is_seen = base is not None and found.added is None  # it was loaded like this, so that nothing is left out
    if total > room.main:
        return _beyond(total, room)
    if not is_whole:
        return None
    return Fit.FITS if is_seen or total <= SPARE * room.main else Fit.TIGHT


def _beyond(total: int, room: Room) -> Fit:
    """Return where a model runs that is larger than the GPUs' memory, or than RAM without GPUs."""
    if not room.vram:
        return Fit.TOO_LARGE
    return Fit.TOO_LARGE if room.ram is not None and total > room.vram + SPARE * room.ram else Fit.SPLIT


def _notes(asked: int, context: int, base: Measured | None, kind: Kind, *, has_gap: bool) -> Iterator[str]:
    if context < asked:
        yield f"its context ends at {context} tokens"
    if base and base.context > context:
        yield f"measured with {base.context} tokens of context"
    if base and base.source == "/api/ps":
        yield "no readings of its memory: as Ollama expected it when it loaded the model"
    if base and base.beside_vram:
        yield f"{text(base.beside_vram, 'bytes')} of it in RAM"
    if not base and kind.size is None:
        yield "its size is unknown"
    if has_gap and kind.per_token.per_token is None:
        start = f"the context beyond {base.context} tokens is" if base else "its context is"
        yield f"{start} not included: {kind.per_token.reason}"
    if has_gap and kind.per_token.is_upper_bound:
        yield "its context may take less: some layers keep only the last tokens"
