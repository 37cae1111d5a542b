"""Publishing a card over everybody, beside the file benchmark of the same population."""

from __future__ import annotations

import json
from pathlib import Path

from bench.live.results import Publishing
from bench.live.standard import standard_store
from bench.process import run


def publishing(work: Path, files: Path, leads: int, events: int) -> Publishing:
    """Measure both in turns: the file benchmark, publishing, the file benchmark."""
    run(["bench.data", str(files), "--leads", str(leads), "--events", str(events)])
    data = standard_store(work, files)
    side = ["bench.sides.leadwise_side", str(files), str(files / "live-out.parquet")]
    before = run(side)
    told = work / "published.json"
    done = run(["bench.live.publish_side", str(data), str(told)])
    after = run(side)
    said = json.loads(told.read_text())
    return Publishing(
        leads, events, said["mirror"], said["seconds"], done.peak,
        (before.wall + after.wall) / 2, said["writing"],
    )  # fmt: skip
