"""The Dockerfile, as far as it can be checked without a container engine.

Its instructions are parsed, what it copies is there and not ignored, and its build step and its
health check are run with the Python of the tests.
"""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from leadwise.settings import read_settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "ops" / "Dockerfile"
IGNORED = ROOT / "ops" / "Dockerfile.dockerignore"


def instructions() -> list[tuple[str, str]]:
    """(instruction, the rest of it), continued lines joined."""
    lines = [line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [
        (line.split(maxsplit=1)[0], line.split(maxsplit=1)[1])
        for line in joined.splitlines()
        if line.strip()
    ]


def final_stage() -> list[tuple[str, str]]:
    found = instructions()
    return found[max(n for n, (name, _) in enumerate(found) if name == "FROM") :]


def one(name: str) -> str:
    found = [rest for each, rest in final_stage() if each == name]
    assert len(found) == 1, name
    return found[0]


def variables() -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(one("ENV")))


def copied() -> list[str]:
    """What is copied from the sources."""
    rests = [rest for name, rest in instructions() if name == "COPY" and "--from" not in rest]
    return [path for rest in rests for path in rest.split()[:-1]]


def is_ignored(path: str) -> bool:
    """By the rules of a .dockerignore: the last that matches counts, a folder stands for all."""
    ignored = False
    for line in IGNORED.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        rule = line.lstrip("!")
        parts = path.split("/")
        heads = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        flat = rule.removeprefix("**/")
        if any(fnmatch.fnmatch(head, rule) for head in heads) or (
            rule != flat and any(fnmatch.fnmatch(part, flat) for part in parts)
        ):
            ignored = not line.startswith("!")
    return ignored


def test_its_instructions_are_known_and_begin_with_a_stage() -> None:
    known = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "VOLUME", "EXPOSE", "USER", "STOPSIGNAL",
             "HEALTHCHECK", "ENTRYPOINT", "CMD"}  # fmt: skip
    found = instructions()
    assert {name for name, _ in found} <= known
    assert found[0] == ("FROM", "python:3.11-slim-bookworm AS build")
    assert all(":" in rest and ":latest" not in rest for name, rest in found if name == "FROM")


def test_what_it_copies_is_there_and_nothing_else_is_sent() -> None:
    for path in copied():
        assert (ROOT / path).exists(), path
        assert not is_ignored(path), path
    assert not is_ignored("src/leadwise/web/app.py")
    for path in (".git/config", "tests/conftest.py", "src/leadwise/__pycache__/a.pyc",
                 "leadwise-data/leadwise.db", "requirements/dev.lock"):  # fmt: skip
        assert is_ignored(path), path


def test_it_does_not_run_as_root() -> None:
    user, group = one("USER").split(":")
    assert user.isdigit()
    assert group.isdigit()
    assert 0 not in (int(user), int(group))
    made = next(rest for name, rest in final_stage() if name == "RUN")
    assert f"--uid {user}" in made
    assert f"--owner {user} --group {group} --mode 0700 {one('VOLUME')}" in made


def test_its_surroundings_are_settings_that_hold_together() -> None:
    given = variables()
    settings = read_settings({k: v for k, v in given.items() if k.startswith("LEADWISE_")})
    assert str(settings.data) == one("VOLUME") == one("WORKDIR")
    assert str(settings.port) == one("EXPOSE")
    assert settings.host == "0.0.0.0"
    built = next(rest for name, rest in final_stage() if name == "COPY")
    assert given["PATH"].startswith(built.split()[-1] + "/bin:")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the build step makes of exactly what is copied."""
    folder = tmp_path_factory.mktemp("build")
    for path in copied():
        source, target = ROOT / path, folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index",
         "--quiet", "--wheel-dir", str(folder / "made"), str(folder)],
        check=True, timeout=120,
    )  # fmt: skip
    (found,) = (folder / "made").glob("leadwise-*.whl")
    return found


def test_what_is_built_is_whole(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = ROOT / "src"
    expected = {
        path.relative_to(sources).as_posix()
        for path in (sources / "leadwise").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected <= names


def test_the_entry_point_runs(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path)
        (entry,) = (name for name in file.namelist() if name.endswith("entry_points.txt"))
        scripts = dict(re.findall(r"^(\S+) = (\S+)$", file.read(entry).decode(), re.M))
    (name,) = json.loads(one("ENTRYPOINT"))
    module, function = scripts[name].split(":")
    arguments = json.loads(one("CMD"))
    code = f"import sys, {module} as m; print(m.__file__); m.{function}()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--help"],
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))
    assert "--database" in done.stdout


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_asks_the_service(status: int, code: int) -> None:
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    _, command = one("HEALTHCHECK").split(" CMD ", 1)
    program, *arguments = json.loads(command)
    assert program == "python"
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        done = subprocess.run(
            [sys.executable, *arguments], env={"LEADWISE_PORT": str(server.server_port)},
            capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        thread.join()
    assert (done.returncode, asked) == (code, ["/healthz"])
