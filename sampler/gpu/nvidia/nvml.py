"""Calls of NVML, NVIDIA's library, for one GPU. Any call may fail by itself."""

from collections.abc import Collection
from functools import partial
from typing import Any

import pynvml

from sampler.tolerant_read import NotReportedError, TolerantReads

UNSUPPORTED = (pynvml.NVMLError_NotSupported, pynvml.NVMLError_FunctionNotFound, pynvml.NVMLError_NoPermission)


class Nvml:
    """Calls for the GPU of a handle. `reads` gets the reason of each that fails, by the function's name."""

    def __init__(self, handle: object, reads: TolerantReads) -> None:
        self._handle = handle
        self._reads = reads
        self._unsupported: set[str] = set()

    def ask(self, call: str, *arguments: object, none: Collection[int] = ()) -> Any:  # noqa: ANN401 - pynvml has no types
        """Return the function's result, None if it fails, or [] if it fails with a code in `none`.

        A function that is not supported is not called again.
        """
        return None if call in self._unsupported else self._reads.read(call, partial(self._call, call, arguments, none))

    def _call(self, call: str, arguments: tuple[object, ...], none: Collection[int]) -> Any:  # noqa: ANN401 - pynvml has no types
        try:
            return getattr(pynvml, call)(self._handle, *arguments)
        except UNSUPPORTED as error:
            self._unsupported.add(call)
            raise NotReportedError(str(error)) from error
        except pynvml.NVMLError as error:
            if error.value in none:
                return []
            raise
