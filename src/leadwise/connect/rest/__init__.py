"""A REST interface that a text file describes: records pulled, one asked for, texts found."""

from __future__ import annotations

from leadwise.connect.model import Ask, Kind
from leadwise.connect.rest.sync import open_rest

KIND = Kind(
    "rest", "REST interface described in a file", "connectors/rest.md",
    (
        Ask("file", "File", "The description: a path on the service's machine.", required=False),
        Ask("text", "Description", "Its text, in place of a file.", required=False),
        Ask("secret", "Key", "The bearer token, key, or user:password that its auth asks for.",
            required=False, secret=True),
    ),
    open_rest,
)  # fmt: skip
