"""Do all sides give the same ledger? Compared exactly: whole hundredths, bands, unknown lists.

    python -m bench.agree FIRST.parquet OTHER.parquet ...

compares every other file with the first and ends with 1, and says what differs, where they are not
the same; with `--sample` the others may have fewer leads.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from bench.ledger import AMOUNTS, COLUMNS, LINES


def differences(first: Path, other: Path, *, whole: bool = True) -> list[str]:
    """What differs, in words; nothing where all is the same.

    `whole` asks that both have the same leads; else `other` may be a sample of `first`.
    """
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW a AS SELECT * FROM '{first}'")
        connection.execute(f"CREATE VIEW b AS SELECT * FROM '{other}'")
        names = [row[0] for row in connection.execute("DESCRIBE b").fetchall()]
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            return [f"{other.stem}: no column {', '.join(missing)}"]
        found = _counts(connection, other, whole=whole)
        join = "FROM a JOIN b USING (lead_id)"
        tests = ", ".join(
            f'COUNT(*) FILTER (a."{name}" IS DISTINCT FROM b."{name}")' for name in COLUMNS[1:]
        )
        row = connection.execute(f"SELECT {tests} {join}").fetchone()
        assert row is not None
        for name, different in zip(COLUMNS[1:], row, strict=True):
            if different:
                example = connection.execute(
                    f'SELECT lead_id, a."{name}", b."{name}" {join} '
                    f'WHERE a."{name}" IS DISTINCT FROM b."{name}" ORDER BY lead_id LIMIT 1'
                ).fetchone()
                found.append(f"{other.stem}: {name} differs for {different} leads: {example}")
    return found


def _counts(connection: duckdb.DuckDBPyConnection, other: Path, *, whole: bool) -> list[str]:
    found = []
    added = " + ".join(f'"{name}"' for name in LINES)
    known = " AND ".join(f'"{name}" IS NOT NULL' for name in AMOUNTS)
    row = connection.execute(
        "SELECT (SELECT COUNT(*) FROM a), (SELECT COUNT(*) FROM b), "
        "(SELECT COUNT(*) FROM a JOIN b USING (lead_id)), "
        f"(SELECT COUNT(*) FROM b WHERE NOT ({known}) OR {added} <> score)"
    ).fetchone()
    assert row is not None
    of_first, of_other, shared, broken = row
    if whole and of_first != of_other:
        found.append(f"{other.stem}: {of_other} leads instead of {of_first}")
    if shared != of_other or not shared:
        found.append(f"{other.stem}: {of_other - shared} leads that the first has not")
    if broken:
        found.append(f"{other.stem}: the ledger of {broken} leads does not add up")
    return found


def main() -> int:
    whole = "--sample" not in sys.argv
    first, *others = (Path(argument) for argument in sys.argv[1:] if argument != "--sample")
    found = [line for other in others for line in differences(first, other, whole=whole)]
    print("\n".join(found) or "all the same", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
