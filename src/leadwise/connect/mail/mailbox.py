"""Incoming mail of a mailbox, by IMAP: what nobody has read yet, each marked once it is taken."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from leadwise.connect.mail.attachments import MOST_MAIL_BYTES
from leadwise.errors import RemoteError
from leadwise.settings.mail import MailSettings

AT_ONCE = 500
"""Mails of one reading; the rest is of the next."""


def read_mailbox(settings: MailSettings, take: Callable[[bytes], object]) -> int:
    """Give each unread mail to `take`; how many. One that was taken is marked as read.

    What `take` raises ends the reading, and that mail stays unread. RemoteError where the server
    cannot be reached or does not let us in.
    """
    taken = 0
    with _opened(settings) as box:
        for number in _unread(box)[:AT_ONCE]:
            raw = _fetched(box, number)
            if raw is not None:
                take(raw)
                taken += 1
            _asked(box.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
    return taken


@contextmanager
def _opened(settings: MailSettings) -> Iterator[imaplib.IMAP4]:
    password = settings.imap_password.get_secret_value()
    try:
        if settings.imap_security == "tls":
            context = ssl.create_default_context(cafile=settings.ca_file)
            box: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                settings.imap_host, settings.imap_port, ssl_context=context,
                timeout=settings.timeout_seconds,
            )  # fmt: skip
        else:
            box = imaplib.IMAP4(
                settings.imap_host, settings.imap_port, timeout=settings.timeout_seconds
            )
    except (OSError, imaplib.IMAP4.error) as error:
        raise _failed(settings, error, permanent=False) from None
    try:
        _asked(box.login(settings.imap_username, password))
        folder = settings.imap_folder.replace("\\", "\\\\").replace('"', '\\"')
        _asked(box.select(f'"{folder}"'))
        yield box
    except (OSError, imaplib.IMAP4.abort) as error:
        raise _failed(settings, error, permanent=False) from None
    except imaplib.IMAP4.error as error:
        raise _failed(settings, error, permanent=True) from None
    finally:
        try:
            box.logout()
        except (OSError, imaplib.IMAP4.error):
            box.shutdown()


def _unread(box: imaplib.IMAP4) -> list[str]:
    (found,) = _asked(box.uid("SEARCH", "UNSEEN"))
    return found.decode("ascii").split() if isinstance(found, bytes) else []


def _fetched(box: imaplib.IMAP4, number: str) -> bytes | None:
    """A mail without marking it; no more of it than can be a report. None: it is gone."""
    for part in _asked(box.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_MAIL_BYTES}>)")):
        if isinstance(part, tuple) and isinstance(part[1], bytes):
            return part[1]
    return None


def _asked(answer: tuple[str, Sequence[object]]) -> Sequence[object]:
    state, found = answer
    if state != "OK":
        raise imaplib.IMAP4.error(found[0] if found else state)
    return found


def _failed(settings: MailSettings, error: Exception, *, permanent: bool) -> RemoteError:
    password = settings.imap_password.get_secret_value()
    said = str(error).replace(password, "(secret)") if password else str(error)
    plain = re.sub(r"\s+", " ", said)[:300]
    return RemoteError(f"{settings.imap_host}: {plain}", permanent=permanent)
