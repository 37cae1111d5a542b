"""The mirror: the record's events and facts as Parquet files, for questions about everybody.

Files lie in one folder, one of each kind for each *bucket* of leads (lead_id modulo their number),
sorted by lead inside. They are listed in the record (`mirror_file`, and `meta` under `mirror`);
what is not listed is left over from a crash and removed by the next run. The mirror follows the log
`changed`, and can be built anew at any time. Start with `update`, then `reading`.
"""

from leadwise.store.mirror.following import Updated, update
from leadwise.store.mirror.views import Mirror, reading

__all__ = ["Mirror", "Updated", "reading", "update"]
