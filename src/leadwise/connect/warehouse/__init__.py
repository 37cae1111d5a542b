"""A data warehouse by SQL: rows of a query pulled, scores written to a table."""

from __future__ import annotations

from leadwise.connect.model import Ask, Kind
from leadwise.connect.warehouse.sync import open_warehouse

KIND = Kind(
    "warehouse", "Data warehouse (SQL)", "connectors/warehouse.md",
    (
        Ask("url", "Address", "postgresql://user:password@host/database, sqlite:///file, or "
            "whatever SQLAlchemy has a driver for. It holds a password: it is kept secret.",
            secret=True),
        Ask("query", "Query", "A SELECT of what is pulled, with :since for what is new; empty: "
            "nothing is pulled.", required=False),
        Ask("holds", "What its rows are", "leads or events.", default="leads", required=False),
        Ask("updated", "Column of change", "The column whose greatest value is the next :since.",
            default="updated_at", required=False),
        Ask("since_is", "Kind of that column", "time, whole (a number) or text.", default="time",
            required=False),
        Ask("identity", "What lead_id is", "email, user or crm.", default="email", required=False),
        Ask("table", "Table of scores", "Where scores are written, such as leadwise_scores; empty: "
            "nowhere.", required=False),
    ),
    open_warehouse,
)  # fmt: skip
