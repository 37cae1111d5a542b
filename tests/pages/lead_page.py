"""Reading the lead's page as a person does: the table of the ledger, the data of a chart."""

from __future__ import annotations

import html
import json
import re
from typing import Any

ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.S)
CELL = re.compile(r'<td class="number[^"]*">(.*?)</td>', re.S)
TAG = re.compile(r"<[^>]+>")


def text_of(markup: str) -> str:
    """What is read, without tags, one space for every white space."""
    return " ".join(html.unescape(TAG.sub(" ", markup)).split())


def hundredths(said: str) -> int:
    """`+12.5` and `−3` as hundredths."""
    return round(float(text_of(said).replace("−", "-").replace(",", "")) * 100)


def ledger_of(page: str) -> tuple[list[tuple[str, int, int]], tuple[int, int]]:
    """The lines of the table (label, points, sum) and its last row."""
    table = page.split('<table class="ledger">')[1].split("</table>")[0]
    body, foot = table.split("<tfoot>")
    rows = []
    for row in ROW.findall(body.split("<tbody>")[1]):
        cells = CELL.findall(row)
        if cells:
            label = text_of(row.split("<summary>")[1].split("</summary>")[0])
            rows.append((label, hundredths(cells[0]), hundredths(cells[1])))
    total = CELL.findall(foot)
    return rows, (hundredths(total[0]), hundredths(total[1]))


def chart_of(page: str, name: str) -> Any:
    """The data of a chart."""
    found = re.search(rf'data-chart="{name}".*?<script[^>]*>(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])
