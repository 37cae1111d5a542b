"""The few kinds of columns that the record has, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""A whole number of 64 bits. SQLite's INTEGER is that, and only so is a key its own row number."""

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Compared by code points on both, whatever the locale of the database."""


class Json(TypeDecorator[Any]):
    """A JSON value: text on SQLite, JSONB on PostgreSQL, plain Python objects on this side."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind: TypeEngine[Any] = JSONB() if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else json.loads(value)


def key(name: str = "id") -> Column[int]:
    """A key that the database counts up."""
    return Column(name, WHOLE, primary_key=True, autoincrement=True)


def whole(name: str, *, null: bool = False, **more: Any) -> Column[int]:
    return Column(name, WHOLE, nullable=null, **more)


def text(name: str, *, null: bool = False, **more: Any) -> Column[str]:
    return Column(name, TEXT, nullable=null, **more)


def document(name: str, *, null: bool = False, **more: Any) -> Column[Any]:
    return Column(name, Json(), nullable=null, **more)
