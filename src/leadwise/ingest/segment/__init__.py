"""The Segment HTTP tracking protocol: the bytes of a request become messages and refusals."""

from leadwise.ingest.segment.batches import write_key_in
from leadwise.ingest.segment.events import Arrival
from leadwise.ingest.segment.receiving import MOST_BYTES, Kind, receive, receive_again

__all__ = ["MOST_BYTES", "Arrival", "Kind", "receive", "receive_again", "write_key_in"]
