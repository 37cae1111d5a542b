"""Who makes a request by its user agent and network: crawlers and mail security gateways.

Crawlers are those of the package crawler-user-agents (MIT, 1,504 patterns). Gateways follow the
links of a mail before or while it is delivered; most pretend to be an ordinary browser, so that
timing and bursts find more of them than names. Names and networks, with their sources:

- `Barracuda Sentinel (EE)`: named by Braze's page on bot filtering and Matomo's list of bots.
- `Gmail-content-sampling`: github.com/mssola/user_agent/issues/71.
- `Edge/12.246` at the end of Chrome 42, and a bare `Mozilla/5.0`: Microsoft's link scanner,
  github.com/jdavidbakr/mail-tracker/issues/255; Edge 12 was a browser of 2015.
- Networks of Barracuda: its address registration at ARIN (64.235.144.0/20) and its page "IP
  Analysis - Inbound" (209.222.80.0/21).
- Of Proofpoint: its support page with the networks that its products use. It says that they may
  change at any time.
- Of Mimecast: its own range, to which its "Administration FAQ" says it moved from leased ones.
- Of Microsoft: "Office 365 URLs and IP address ranges", row 10, Exchange Online Protection; and
  40.94.0.0/16, not published, from which link scans were reported
  (github.com/mautic/mautic/issues/9400, github.com/opencollective/opencollective/issues/3656).
  Nobody browses from any of them.

Barracuda says that addresses alone no longer find all its scans; nor do these for the others.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple, TypeAlias

Pairs: TypeAlias = tuple[tuple[str, str], ...]

GATEWAY_AGENTS: Pairs = (
    (r"barracuda", "Barracuda"),
    (r"proofpoint|urldefense", "Proofpoint"),
    (r"mimecast", "Mimecast"),
    (r"safe ?links|(?:^|\s)Edge/12\.\d+|^Mozilla/5\.0$", "Microsoft Safe Links"),
    (r"ironport|cisco ?secure ?email", "Cisco Secure Email"),
    (r"Gmail-content-sampling", "Gmail"),
    (r"symantec|messagelabs", "Symantec Email Security"),
    (r"trend ?micro", "Trend Micro"),
    (r"sophos", "Sophos"),
    (r"fortimail|fortiguard", "FortiMail"),
    (r"forcepoint|websense", "Forcepoint"),
    (r"fireeye|trellix", "Trellix"),
)

GATEWAY_NETWORKS: Pairs = (
    ("64.235.144.0/20", "Barracuda"),
    ("209.222.80.0/21", "Barracuda"),
    ("62.209.50.0/24", "Proofpoint"),
    ("67.231.144.0/20", "Proofpoint"),
    ("91.209.104.0/24", "Proofpoint"),
    ("208.84.64.0/22", "Proofpoint"),
    ("208.86.200.0/22", "Proofpoint"),
    ("170.10.128.0/21", "Mimecast"),
    ("40.92.0.0/15", "Microsoft"),
    ("40.94.0.0/16", "Microsoft"),
    ("40.107.0.0/16", "Microsoft"),
    ("52.100.0.0/14", "Microsoft"),
    ("104.47.0.0/17", "Microsoft"),
)

IMAGE_PROXIES = r"GoogleImageProxy|YahooMailProxy|FastmailUA|Shortwave Image Fetcher"
"""Mail services that fetch a mail's images on behalf of the person who opens it."""

LONGEST = 512
"""Characters of a user agent that are looked at."""
_PATTERNS_TOGETHER = 25


class Crawler(NamedTuple):
    """The pattern that a user agent matched; a `library` is one that any program may use."""

    pattern: str
    library: bool


@lru_cache(maxsize=4096)
def crawler_of(user_agent: str) -> Crawler | None:
    """The known crawler that says it is one, else the library for requests, else None.

    0.5 ms the first time, a look-up after that.
    """
    found: Crawler | None = None
    for together, each in _crawlers():
        if together.search(user_agent, 0, LONGEST):
            for pattern, library in each:
                if re.search(pattern, user_agent[:LONGEST]):
                    if not library:
                        return Crawler(pattern, False)
                    found = found or Crawler(pattern, True)
    return found


@lru_cache(maxsize=4096)
def gateway_of(user_agent: str, patterns: Pairs = GATEWAY_AGENTS) -> str | None:
    """The name of the gateway whose user agent it is."""
    for pattern, name in patterns:
        if re.search(pattern, user_agent[:LONGEST], re.IGNORECASE):
            return name
    return None


def network_of(ip: str, networks: Pairs = GATEWAY_NETWORKS) -> str | None:
    """The name and network that an address is of; None for others and for what is no address."""
    first_numbers = _first_numbers(networks)
    if first_numbers and ":" not in ip and ip.partition(".")[0] not in first_numbers:
        return None  # as nearly all; the rest takes ten times as long
    try:
        address = ip_address(ip)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    number, version = int(mapped or address), 4 if mapped else address.version
    for first, last, of, text in _ranges(networks):
        if first <= number <= last and of == version:
            return text
    return None


@lru_cache(maxsize=8)
def _ranges(networks: Pairs) -> tuple[tuple[int, int, int, str], ...]:
    result = []
    for text, name in networks:
        network = ip_network(text)
        first, last = int(network.network_address), int(network.broadcast_address)
        result.append((first, last, network.version, f"{name} ({text})"))
    return tuple(result)


@lru_cache(maxsize=8)
def _first_numbers(networks: Pairs) -> frozenset[str]:
    """Of the networks of IPv4, by which most addresses are told apart; empty if one is too wide."""
    narrow = [ip_network(text) for text, _ in networks if "." in text]
    if any(network.prefixlen < 8 for network in narrow):
        return frozenset()
    return frozenset(str(network).partition(".")[0] for network in narrow)


@cache
def _crawlers() -> tuple[tuple[re.Pattern[str], tuple[tuple[str, bool], ...]], ...]:
    """All patterns, some at a time: together as one expression, and each with whether it is of a
    library. Loaded when first asked for: 70 ms."""
    from crawleruseragents import CRAWLER_USER_AGENTS_DATA

    known = [
        (str(entry["pattern"]), "http-library" in entry.get("tags", ()))
        for entry in CRAWLER_USER_AGENTS_DATA
    ]
    return tuple(
        (re.compile("|".join(f"(?:{pattern})" for pattern, _ in part)), tuple(part))
        for part in (
            known[start : start + _PATTERNS_TOGETHER]
            for start in range(0, len(known), _PATTERNS_TOGETHER)
        )
    )
