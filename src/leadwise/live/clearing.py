"""What follows a publishing, a little at a time, and may be done again at any time."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, TextClause, text

from leadwise.live.everybody import Progress
from leadwise.store.cards import with_status
from leadwise.store.opening import Store

HISTORY_AT_ONCE = 5_000
DELETED_AT_ONCE = 5_000


def tell_history(store: Store, version_id: int, progress: Progress) -> None:
    """What is said of each lead now, where it is not what was said before."""
    with store.read() as connection:
        most = connection.execute(text("SELECT coalesce(max(id), 0) FROM lead")).scalar_one()
    same = "IS" if store.embedded else "IS NOT DISTINCT FROM"
    sql = text(_HISTORY.replace("{same}", same))
    for start in range(0, most, HISTORY_AT_ONCE):
        bound = {"version": version_id, "from": start, "to": start + HISTORY_AT_ONCE}
        store.write(partial(_write, sql=sql, bound=bound), "scores")
        progress(min(start + HISTORY_AT_ONCE, most), most, "writing history")


def drop_old_scores(store: Store) -> int:
    """Remove the scores of lead cards that neither count nor are kept to be gone back to.

    Kept are those of live, publishing and shadow versions and of the one retired last.
    """
    with store.read() as connection:
        retired = with_status(connection, "lead", "retired")
        last = max(retired, key=lambda version: version.published_us or 0, default=None)
        old = [v.id for v in (*retired, *with_status(connection, "lead", "draft")) if v != last]
    removed = 0
    for version_id in old:
        dropping = {"version": version_id, "most": DELETED_AT_ONCE}
        # Its status may have changed since: then nothing is removed.
        while part := store.write(partial(_write, sql=text(_DROP), bound=dropping), "scores"):
            removed += part
    return removed


def _write(connection: Connection, sql: TextClause, bound: dict[str, int]) -> int:
    """How many rows it concerned."""
    return connection.execute(sql, bound).rowcount


# Only while the version is live, and only where the last thing said differs.
_HISTORY = """
INSERT INTO score_history
    (lead_id, card_version_id, as_of_us, score, band, shown_score, shown_band, cause)
SELECT n.lead_id, n.card_version_id, n.as_of_us, n.score, n.band, n.shown_score, n.shown_band,
    'card'
FROM score AS n JOIN card_version AS v ON v.id = n.card_version_id AND v.status = 'live'
WHERE n.card_version_id = :version AND n.lead_id > :from AND n.lead_id <= :to AND NOT EXISTS (
    SELECT 1 FROM score_history AS h WHERE h.lead_id = n.lead_id
    AND h.id = (SELECT max(m.id) FROM score_history AS m WHERE m.lead_id = n.lead_id)
    AND h.score = n.score AND h.band {same} n.band
    AND h.shown_score = n.shown_score AND h.shown_band {same} n.shown_band
)
"""
_DROP = """
DELETE FROM score WHERE card_version_id = :version AND lead_id IN (
    SELECT s.lead_id FROM score AS s JOIN card_version AS v ON v.id = s.card_version_id
    WHERE s.card_version_id = :version AND v.status IN ('retired', 'draft') LIMIT :most
)
"""
