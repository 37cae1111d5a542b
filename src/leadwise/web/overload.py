"""More comes in than can be written."""

from __future__ import annotations

import math

from leadwise.errors import LeadwiseError


class Overloaded(LeadwiseError):  # noqa: N818 - it is a state
    """Nothing was recorded; the sender may try again after `retry_after_s` seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("More comes in than can be written: try again later.")
        self.retry_after_s = max(1, math.ceil(retry_after_s))
