"""The sales call of the demo: every step happens, and the CRM has the score in the end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PLAY = Path(__file__).parents[2] / "examples" / "sales-call" / "play.py"


def test_it_is_played_from_the_form_to_the_score() -> None:
    done = subprocess.run(
        [sys.executable, str(PLAY)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    order = ["record ", "assign ", "book ", "mail ", "held ", "fetch ", "qualify ", "score "]
    places = [said.index(f"  {step}") for step in order]
    assert places == sorted(places)
    assert "mail to Ana Ruiz <ana@acme.example>: Our call on November 4, 2026" in said
    assert "I do, I am the chief operating officer" in said
    assert "leadwise_score     100" in said
    assert "leadwise_band      hot" in said
    assert "failed" not in said
