"""What model providers answered, kept for a while by what was asked, and what they have cost."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, text

from leadwise.store.schema import model_reply, model_spending


def reply_to(connection: Connection, key: str) -> str | None:
    """What was answered to the question of this key."""
    found: str | None = connection.execute(
        select(model_reply.c.text).where(model_reply.c.key == key)
    ).scalar()
    return found


def keep_reply(connection: Connection, key: str, answered: str, now_us: int) -> None:
    """Keep what was answered, in place of what there was."""
    connection.execute(
        text(
            "INSERT INTO model_reply (key, text, made_us) VALUES (:key, :text, :made) "
            "ON CONFLICT (key) DO UPDATE SET text = excluded.text, made_us = excluded.made_us"
        ),
        {"key": key, "text": answered, "made": now_us},
    )


def forget_replies(connection: Connection) -> None:
    """Forget all of them: nobody can tell whose words they repeat."""
    connection.execute(delete(model_reply))


def forget_old_replies(connection: Connection, before_us: int, limit: int) -> int:
    """Forget those made before; at most so many. Returns how many."""
    return connection.execute(
        text(
            "DELETE FROM model_reply WHERE key IN "
            "(SELECT key FROM model_reply WHERE made_us < :before ORDER BY made_us LIMIT :limit)"
        ),
        {"before": before_us, "limit": limit},
    ).rowcount


def spent_on(connection: Connection, day: str) -> int:
    """What models cost on a day (`2026-11-22`, UTC), in millionths of a US dollar."""
    found: int | None = connection.execute(
        select(model_spending.c.micro_usd).where(model_spending.c.day == day)
    ).scalar()
    return found or 0


def add_spending(connection: Connection, day: str, micro_usd: int) -> None:
    """Add to what models cost on a day."""
    connection.execute(
        text(
            "INSERT INTO model_spending (day, micro_usd) VALUES (:day, :micro) "
            "ON CONFLICT (day) DO UPDATE SET "
            "micro_usd = model_spending.micro_usd + excluded.micro_usd"
        ),
        {"day": day, "micro": micro_usd},
    )
