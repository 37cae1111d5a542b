"""Files of a folder on disk or in S3: leads, events, transcripts, documents; and writing there."""

from __future__ import annotations

from leadwise.connect.files.sync import Files, open_files
from leadwise.connect.model import Ask, Kind

KIND = Kind(
    "files", "Files on disk or S3", "connectors/files.md",
    (
        Ask("folder", "Folder", "A path on the service's machine, or s3://bucket/folder."),
        Ask("holds", "What it holds", "leads, events, transcripts or messages (each file is one); "
            "empty: nothing is read from it by itself.", required=False),
        Ask("identity", "What lead_id is", "email, user or crm.", default="email", required=False),
        Ask("seller", "Our side", "Our mail domains, with commas: in transcripts they are no lead.",
            required=False),
        Ask("endpoint", "S3 address", "Where it is not Amazon's: https://minio.example:9000.",
            required=False),
        Ask("region", "S3 region", required=False),
        Ask("access_key", "S3 access key", "Without it what the machine itself may do.",
            required=False, secret=True),
        Ask("secret_key", "S3 secret key", required=False, secret=True),
    ),
    open_files,
)  # fmt: skip

__all__ = ["KIND", "Files"]
