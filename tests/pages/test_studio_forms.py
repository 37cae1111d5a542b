"""The forms of a draft: each edit rewrites the text, and nothing of it but what was edited."""

from __future__ import annotations

import difflib
import html
import json
import re
from typing import Any

import pytest

from leadwise.card import parse
from leadwise.card.edit import source_of
from leadwise.web.pages.studio.parts import Part, whole_card
from leadwise.web.pages.studio.ready import READY, ready_text
from leadwise.web.pages.texts import texts
from tests.pages.site import PagesSite
from tests.pages.test_studio import begin, saved

SIZE = ["dimensions", 0, "criteria", 1]


def sent(site: PagesSite, address: str, path: list[Any], do: str = "save", **values: str) -> Any:
    """The answer to a form of a part, sent with the draft's revision as the page has it."""
    client = site.client("marketing")
    page = client.get(f"{address}/forms").text
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision is not None
    data = {"path": json.dumps(path), "do": do, "revision": revision[1]}
    return client.post(f"{address}/forms", data={**data, **values})


def changed(before: str, after: str) -> list[str]:
    """The lines that were taken away and added."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0)
    return [line for line in lines if line[:2] not in ("--", "++", "@@")]


def test_a_value_is_changed_added_and_taken_away(site: PagesSite) -> None:
    address = begin(site, ready="icp-70")
    text = saved(site, address)
    assert sent(site, address, SIZE, **{"f.unknown": "4"}).status_code == 303
    assert changed(text, saved(site, address)) == ["-        unknown: 3", "+        unknown: 4"]
    sent(site, address, SIZE, **{"f.unknown": "3"})
    assert saved(site, address) == text
    sent(site, address, SIZE, **{"f.about": "As the company says."})
    assert changed(text, saved(site, address)) == ["+        about: As the company says."]
    sent(site, address, SIZE, **{"f.about": ""})
    assert saved(site, address) == text
    sent(site, address, ["fields", "title"], name="position")
    assert "  position: {type: text, fold: case, label: Title}" in saved(site, address)


def test_what_is_wrong_stands_beside_its_field(site: PagesSite) -> None:
    address = begin(site, ready="icp-70")
    sent(site, address, [*SIZE, "tiers", 0], **{"f.when": "employes > 3", "f.points": "many"})
    page = site.client("marketing").get(f"{address}/forms").text
    for key in ("when", "points"):
        name = f"dimensions-0-criteria-1-tiers-0.{key}"
        assert re.search(rf'id="{re.escape(name)}"[^>]*aria-invalid="true"', page), key
        assert f'id="{name}-fault"' in page
    assert 'value="many"' in page
    assert parse(saved(site, address)).card is None


def test_parts_are_added_moved_and_removed(site: PagesSite) -> None:
    address = begin(site, ready="b2b-software")
    text = saved(site, address)
    criteria = ["dimensions", 1, "criteria"]
    sent(site, address, criteria, "add", kind="criterion", form="on", label="Came to a webinar",
         on="trial_started", points="12.5", when="")  # fmt: skip
    line = (
        "      - {id: came-to-a-webinar, label: Came to a webinar, on: trial_started, points: 12.5}"
    )
    assert changed(text, saved(site, address)) == [f"+{line}"]
    assert parse(saved(site, address)).card is not None
    sent(site, address, [*criteria, 4], **{"f.limit.times": "2", "f.half_life": "30 days"})
    assert "limit: {times: 2}" in saved(site, address)
    sent(site, address, [*criteria, 4], **{"f.limit.times": "", "f.half_life": ""})
    assert changed(text, saved(site, address)) == [f"+{line}"]
    sent(site, address, [*criteria, 4], "up")
    assert saved(site, address).index(line) < saved(site, address).index("- id: mail")
    sent(site, address, [*criteria, 3], "down")
    sent(site, address, [*criteria, 4], "remove")
    assert saved(site, address) == text
    for path, kind, values in (
        (["fields"], "fields", {"name": "Budget", "type": "number"}),
        (["events"], "events", {"name": "call_booked"}),
        (["events", "call_booked"], "properties", {"name": "minutes", "type": "number"}),
        (["measures"], "measures", {"name": "calls", "on": "call_booked"}),
        (["dimensions"], "dimension", {"label": "More"}),
        (["dimensions", 2, "criteria"], "criterion",
         {"label": "Pays", "form": "tiers", "when": "budget > 5", "points": "3"}),
        (["dimensions", 2, "criteria", 0, "tiers"], "tier", {"when": "budget > 2", "points": "1"}),
        (["dimensions", 2, "adjustments"], "adjustment",
         {"label": "Called often", "when": "calls > 3", "points": "-10"}),
        (["bands"], "band", {"label": "Boiling", "points": "90"}),
    ):  # fmt: skip
        assert sent(site, address, path, "add", kind=kind, **values).status_code == 303, (
            kind,
            path,
        )
    found = parse(saved(site, address))
    assert [p.message for p in found.errors] == []
    assert all(
        line in saved(site, address) for line in text.split("\n") if line.strip().startswith("#")
    )


def test_what_cannot_be_done_is_said_and_what_was_typed_stays(site: PagesSite) -> None:
    address = begin(site, ready="bant")
    answer = sent(site, address, ["fields"], "add", kind="fields", name="need_match", type="text")
    assert answer.status_code == 422
    assert "is there already" in answer.text
    answer = sent(site, address, ["bands", 0], "up")
    assert answer.status_code == 422
    assert sent(site, address, ["nothing"]).status_code == 422
    assert sent(site, address, [], "up").status_code == 422
    assert (
        site.client("marketing")
        .post(f"{address}/forms", data={"path": "{", "revision": "1"})
        .status_code
        == 422
    )
    client = site.client("marketing")
    stale = client.post(f"{address}/forms", data={
        "path": '["bands", 1]', "of": "qualify", "do": "save", "revision": "0",
            "f.from": "41"})  # fmt: skip
    assert stale.status_code == 409
    assert 'value="41"' in stale.text
    assert saved(site, address) == ready_text("bant")


def test_a_text_that_cannot_be_read_has_no_forms(site: PagesSite) -> None:
    address, client = begin(site, ready="bant"), site.client("marketing")
    client.post(f"{address}/save", data={"text": "card: [", "revision": "1"})
    page = client.get(f"{address}/forms")
    assert page.status_code == 200
    assert "Mend it in the text" in page.text


@pytest.mark.parametrize("name", READY)
def test_forms_show_every_part_and_saving_them_untouched_changes_nothing(
    site: PagesSite, name: str
) -> None:
    text = ready_text(name)
    card = parse(text).card
    assert card is not None
    whole = whole_card(source_of(text), (), texts("en"))

    def below(part: Part) -> list[Part]:
        return [part, *(each for held in part.lists for one in held.parts for each in below(one))]

    parts = below(whole)
    kinds = [part.kind for part in parts]
    assert kinds.count("dimension") == len(card.dimensions)
    assert sum(kind in ("when", "on", "tiers") for kind in kinds) == len(card.criteria)
    assert kinds.count("band") == len(card.bands)
    address = begin(site, ready=name)
    for part in parts[:: max(len(parts) // 3, 1)]:
        values = {f"f.{each.spec.key}": each.value for each in part.fields}
        assert sent(site, address, list(part.path), **values).status_code == 303
    assert saved(site, address) == text


def revision(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found is not None
    return found[1]


def form_of(page: str, path: list[Any]) -> dict[str, str]:
    """What the form of a part holds, as a browser would send it."""
    said = html.escape(json.dumps(path)).replace("&quot;", "&#34;")
    found = re.search(rf'<form[^>]*>(?:(?!</form>).)*?value="{re.escape(said)}".*?</form>', page,
                      re.DOTALL)  # fmt: skip
    assert found is not None
    values = re.findall(r'name="([^"]+)" value="([^"]*)"', found[0])
    values += re.findall(r'name="([^"]+)"[^>]*?>\n?([^<]*)</textarea>', found[0])
    values += re.findall(r'<input id="[^"]*" name="([^"]+)" value="([^"]*)"', found[0])
    return {name: html.unescape(value) for name, value in values if name != "do"}


def test_what_was_typed_finds_its_part_again_where_others_have_moved_it(site: PagesSite) -> None:
    """Else saving it once more would overwrite whatever stands in its place now."""
    address, client = begin(site, ready="b2b-software"), site.client("marketing")
    trial, pricing = ["dimensions", 1, "criteria", 1], ["dimensions", 1, "criteria", 2]
    old = form_of(client.get(f"{address}/forms").text, pricing)
    assert old["f.id"] == "pricing"
    sent(site, address, pricing, **{"f.label": "Saw prices"})
    sent(site, address, trial, "remove")
    text = saved(site, address)
    answer = client.post(f"{address}/forms", data={**old, "f.points": "7", "do": "save"})
    assert answer.status_code == 409
    mine, other = form_of(answer.text, trial), form_of(answer.text, pricing)
    assert (mine["f.id"], mine["f.points"], other["f.id"]) == ("pricing", "7", "mail")
    assert "In the draft now: 5" in answer.text
    assert "In the draft now: Saw prices" in answer.text
    assert answer.text.count("In the draft now:") == 2
    assert saved(site, address) == text
    assert client.post(f"{address}/forms", data={**mine, "do": "save"}).status_code == 303
    assert changed(text, saved(site, address)) == [
        "-        label: Saw prices", "+        label: Looked at prices",
        "-        points: 5", "+        points: 7",
    ]  # fmt: skip


@pytest.mark.parametrize("broken", [False, True])
def test_what_was_typed_is_shown_where_its_form_is_gone(site: PagesSite, broken: bool) -> None:
    address, client = begin(site, ready="b2b-software"), site.client("marketing")
    pricing = ["dimensions", 1, "criteria", 2]
    page = client.get(f"{address}/forms").text
    old = {**form_of(page, pricing), "f.about": "Why <b>so</b>", "do": "save"}
    if broken:
        client.post(f"{address}/save", data={"text": "card: [", "revision": revision(page)})
    else:
        sent(site, address, pricing, "remove")
    answer = client.post(f"{address}/forms", data=old)
    assert answer.status_code == 409
    assert "no form any more" in answer.text
    assert "<dt>about</dt><dd>Why &lt;b&gt;so&lt;/b&gt;</dd>" in answer.text
    assert "<dt>where</dt><dd>path like &#39;/pricing%&#39;</dd>" in answer.text
    assert "csrf" not in answer.text.split("You had typed")[1].split("</dl>")[0]


def test_what_is_typed_of_the_card_itself_stays_too(site: PagesSite) -> None:
    address, client = begin(site, ready="bant"), site.client("marketing")
    old = form_of(client.get(f"{address}/forms").text, [])
    sent(site, address, [], **{"f.version": "3"})
    answer = client.post(f"{address}/forms", data={**old, "f.about": "Mine", "do": "save"})
    assert form_of(answer.text, [])["f.about"] == "Mine"
    assert "In the draft now: 3" in answer.text
