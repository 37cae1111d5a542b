"""A folder on disk, and one in S3: listed, read, written whole, never left."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol

from leadwise.errors import Place, RemoteError, UserError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 50_000_000
"""Of a file that is read into memory."""
UNFINISHED = (".tmp", ".part", ".crdownload", ".swp", "~")
LONGEST_NAME = 512


@dataclass(frozen=True, slots=True)
class Stored:
    """A file as it lies there: its path below the folder, and what changes when it does."""

    name: str
    size: int
    etag: str
    at_us: int


class Keeping(Protocol):
    """Where files are: a folder on disk, or one in S3."""

    def list(self) -> Iterator[Stored]:
        """All files, in no order; hidden ones and unfinished ones are left out."""

    def read(self, name: str) -> bytes:
        """What a file holds."""

    def fetched(self, name: str) -> Any:
        """A context with the path of a file on this machine."""

    def write(self, name: str, content: bytes) -> str:
        """Put it there whole; where it is now."""


def checked_name(name: str) -> str:
    """The name if it leads to a file below the folder. UserError `bad-file-name`.

    Also refused is what some system takes otherwise: backslashes, drives, control characters,
    names that begin with a dot.
    """
    parts = name.split("/")
    bad = (
        not name or len(name) > LONGEST_NAME or "\\" in name
        or any(ord(sign) < 32 or ord(sign) == 127 for sign in name)
        or any(part.strip() in ("", ".", "..") or part.startswith(".") for part in parts)
        or any(part != part.strip() or len(part.encode()) > 200 for part in parts)
        or (len(parts[0]) > 1 and parts[0][1] == ":")
    )  # fmt: skip
    if bad:
        raise UserError(
            "bad-file-name", f"'{name[:80]!r}' is no name of a file in the folder.",
            hint="Write a path below the folder, such as invoices/2026-11.pdf.",
        )  # fmt: skip
    return name


def is_finished(name: str) -> bool:
    """Whether a file is one that somebody meant to be there."""
    parts = PurePosixPath(name).parts
    return not any(part.startswith(".") for part in parts) and not name.endswith(UNFINISHED)


@dataclass(frozen=True, slots=True)
class DiskFolder:
    """A folder of this machine. Links that lead out of it are not followed."""

    root: Path

    def list(self) -> Iterator[Stored]:
        if not self.root.is_dir():
            raise UserError(
                "no-such-folder", "There is no such folder.", where=Place(str(self.root)),
                hint="Make it, or correct the connection's folder.",
            )  # fmt: skip
        for here, folders, files in os.walk(self.root):
            folders[:] = sorted(one for one in folders if not one.startswith("."))
            for file in files:
                path = Path(here) / file
                name = path.relative_to(self.root).as_posix()
                with suppress(OSError):  # gone meanwhile
                    if is_finished(name) and self._inside(path) and path.is_file():
                        found = path.stat()
                        # A file that was moved here is new, however old it is.
                        at_us = max(found.st_mtime_ns, found.st_ctime_ns) // 1000
                        etag = f"{found.st_size:x}-{found.st_mtime_ns:x}"
                        yield Stored(name, found.st_size, etag, at_us)

    def read(self, name: str) -> bytes:
        path = self._path(name)
        with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
            if path.stat().st_size > MOST_BYTES:
                raise too_large(name)
            return path.read_bytes()
        raise missing(name)

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """The file itself."""
        yield self._path(name)

    def write(self, name: str, content: bytes) -> str:
        path = self._path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._path(name)  # what was made meanwhile may be a link
            handle, made = tempfile.mkstemp(dir=path.parent, prefix=".leadwise-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(made).chmod(0o640)
                Path(made).replace(path)
            except BaseException:
                Path(made).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise RemoteError(
                f"{name} cannot be written into the folder: {error.strerror}.",
                permanent=isinstance(error, PermissionError | NotADirectoryError),
            ) from None
        return str(path)

    def _path(self, name: str) -> Path:
        path = self.root / checked_name(name)
        if not self._inside(path):
            raise UserError(
                "bad-file-name", f"'{name[:80]}' leads out of the folder.",
                hint="A link in the folder points to somewhere else: remove it.",
            )  # fmt: skip
        return path

    def _inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self.root.resolve())


@dataclass(frozen=True, slots=True)
class S3Folder:
    """A folder of a bucket. `client` is boto3's."""

    client: Any
    bucket: str
    prefix: str

    def list(self) -> Iterator[Stored]:
        with _s3_errors(self.bucket):
            pages = self.client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=self.prefix):
                for one in page.get("Contents", ()):
                    name = one["Key"].removeprefix(self.prefix)
                    if name and not name.endswith("/") and is_finished(name):
                        at_us = int(one["LastModified"].timestamp() * 1_000_000)
                        yield Stored(name, one["Size"], one["ETag"].strip('"'), at_us)

    def read(self, name: str) -> bytes:
        with _s3_errors(self.bucket, name):
            found = self.client.get_object(Bucket=self.bucket, Key=self._key(name))
            if found["ContentLength"] > MOST_BYTES:
                raise too_large(name)
            content: bytes = found["Body"].read()
            return content

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """A copy, removed afterwards; its name ends as the file's does."""
        folder = Path(tempfile.mkdtemp(prefix="leadwise-"))
        try:
            path = folder / PurePosixPath(checked_name(name)).name
            with _s3_errors(self.bucket, name):
                self.client.download_file(self.bucket, self._key(name), str(path))
            yield path
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def write(self, name: str, content: bytes) -> str:
        with _s3_errors(self.bucket, name):
            self.client.put_object(Bucket=self.bucket, Key=self._key(name), Body=content)
        return f"s3://{self.bucket}/{self._key(name)}"

    def _key(self, name: str) -> str:
        return self.prefix + checked_name(name)


def s3_client(
    endpoint: str = "", region: str = "", access_key: str = "", secret_key: str = ""
) -> Any:
    """boto3's client. UserError `no-s3-extra` where boto3 is not installed."""
    try:
        # Not imported by name: it has no types, and most installations do without it.
        boto3, config = import_module("boto3"), import_module("botocore.config")
    except ImportError:
        raise UserError(
            "no-s3-extra", "A folder in S3 needs boto3, which is not installed.",
            hint="Install it with pip install boto3.",
        ) from None  # fmt: skip
    given = {
        "endpoint_url": endpoint, "region_name": region, "aws_access_key_id": access_key,
        "aws_secret_access_key": secret_key,
    }  # fmt: skip
    patience = config.Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard"})
    return boto3.client("s3", config=patience, **{n: v for n, v in given.items() if v})


@contextmanager
def _s3_errors(bucket: str, name: str = "") -> Iterator[None]:
    """What boto3 raises as ours: missing, forbidden, passing."""
    faults = import_module("botocore.exceptions")
    try:
        yield
    except faults.ClientError as error:
        said = error.response.get("Error", {})
        code, status = str(said.get("Code", "")), _status(error)
        if name and code in ("NoSuchKey", "404"):
            raise missing(name) from None
        raise RemoteError(
            f"S3 refused what was asked of the bucket {bucket}: {code} {said.get('Message', '')}.",
            permanent=400 <= status < 500 and status not in (408, 429), status=status or None,
        ) from None  # fmt: skip
    except faults.BotoCoreError as error:
        kind = type(error).__name__
        lasting = kind in ("NoCredentialsError", "PartialCredentialsError", "ParamValidationError")
        raise RemoteError(
            f"S3 cannot be asked for the bucket {bucket}: {kind}.", permanent=lasting
        ) from None


def _status(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def missing(name: str) -> UserError:
    """What is said of a file that is not there."""
    return UserError(
        "no-such-file", f"There is no file '{name[:200]}' in the folder.", hint="Check the name."
    )


def too_large(name: str) -> UserError:
    """What is said of a file that is too large for memory."""
    return UserError(
        "file-too-large", f"'{name[:200]}' has over {MOST_BYTES:,} bytes.",
        hint="Give a smaller file; files of leads and events may be of any size.",
    )  # fmt: skip


def newest(files: Sequence[Stored], is_wanted: Callable[[str], bool]) -> list[Stored]:
    """The files that are wanted, the newest first."""
    found = [one for one in files if is_wanted(one.name)]
    return sorted(found, key=lambda one: (-one.at_us, one.name))
