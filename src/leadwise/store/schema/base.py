"""What all tables are in."""

from __future__ import annotations

from sqlalchemy import MetaData

metadata = MetaData()
