"""Templates: what they can say, and what neither they nor their values can do."""

from __future__ import annotations

import time

import pytest

from leadwise.errors import Place, UserError
from leadwise.playbooks.texts import check, fill, names_in, sandbox

LEAD = {
    "lead": {
        "name": "Dr. Ann Example",
        "email": "ann@acme.example",
        "items": 3,
        "unknown": None,
        "hostile": "<script>alert(1)</script>{{ lead.email }}",
    },
    "step": {"book": {"at": "2026-03-03T14:30:00Z"}},
    "found": [{"title": "One", "cost": 1}, {"title": "Two", "cost": 2}],
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain {", "plain {"),
        ("Hello {{ lead.name | first_name }}", "Hello Ann"),
        ("{{ lead.items }}", "3"),  # a field may be called as a method is
        ("{{ lead.phone | default('none') }}", "none"),
        ("{{ lead.unknown | default('none') }}", "none"),
        ("{{ a.b.c.d | default('none') }}", "none"),
        ("{% if lead.phone %}yes{% else %}no{% endif %}", "no"),
        ("{{ 'x' if lead.phone }}.", "."),
        ("{% for one in found %}{{ loop.index }}{{ one.title }}{% endfor %}", "1One2Two"),
        ("{{ found | sum(attribute='cost') }}", "3"),
        ("{{ found | join('+', attribute='title') }}", "One+Two"),
        ("{{ found[1].title }}{{ found[7].title | default('-') }}", "Two-"),
        ("{{ step.book.at | date('short') }} {{ step.book.at | time }}", "3/3/26 2:30 PM"),
        ("{{ 1200 | money }} {{ 1200.5 | money('USD') }}", "€1,200 $1,200.50"),
        ("{{ lead.hostile }}", "<script>alert(1)</script>{{ lead.email }}"),
        ("{% set n = 2 + 3 * 4 %}{{ n }}{{ 'a' ~ n }}", "14a14"),
    ],
)
def test_a_template_says(template: str, text: str) -> None:
    assert fill(template, LEAD) == text


def test_values_are_escaped_in_html_and_only_there() -> None:
    assert fill("{{ lead.hostile }}", LEAD, html=True) == (
        "&lt;script&gt;alert(1)&lt;/script&gt;{{ lead.email }}"
    )
    assert "&lt;b" in fill("{{ '<' ~ 'b' }}", LEAD, html=True)
    assert "&lt;" in fill("{{ ('<' ~ 'b') ~ 'c' }}", LEAD, html=True)


def test_days_and_money_are_written_as_where_the_lead_is() -> None:
    template = "{{ step.book.at | datetime('full') }}; {{ 1234.5 | money }}"
    spanish = fill(template, LEAD, zone="Europe/Madrid", language="es-ES")
    assert spanish == "martes, 3 de marzo de 2026, 15:30; 1.234,50\xa0€"
    finnish = fill(template, LEAD, zone="Europe/Helsinki", language="fi")
    assert finnish == "tiistai 3. maaliskuuta 2026, 16.30; 1\xa0234,50\xa0€"
    assert "2:30 PM" in fill(template, LEAD, zone="No/Where", language="tlh")


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{{ lead.phone }}", "lead.phone"),
        ("{{ lead.unknown }}", "lead.unknown"),
        ("{{ lead.phone | upper }}", "lead.phone"),
        ("{{ lead.phone | date }}", "lead.phone"),
        ("{{ a.b.c }}", "a.b.c"),
        ("{{ nothing + 1 }}", "nothing"),
        ("{{ 1 > lead.age }}", "lead.age"),
        ("{{ found[9].title }}", "title"),
    ],
)
def test_a_missing_value_is_named(template: str, name: str) -> None:
    with pytest.raises(UserError) as error:
        fill(template, LEAD)
    assert error.value.code == "template-value"
    assert name in error.value.message


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ lead.name.format }}",
        "{{ lead.__class__.__init__.__globals__ }}",
        "{{ lead.__init__ }}",
        "{{ found.append }}",
        "{{ lead.pop('name') }}",
        "{{ lead | attr('__class__') }}",
        "{{ self._TemplateReference__context }}",
        "{{ range.__self__ }}",
        "{{ loop.__class__ }}",
        "{% for x in found %}{{ loop._iterator }}{% endfor %}",
        "{{ _turns }}{{ lead._turns }}",
        "{{ config }}{{ cycler }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% macro f() %}{% endmacro %}",
        "{{ 'a' | map('upper') | list }}",
        "{{ range(*[1, 2]) }}",
    ],
)
def test_nothing_but_values_can_be_reached(template: str) -> None:
    with pytest.raises(UserError):
        fill(template, LEAD)


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 1000000000 }}",
        "{{ 2 ** 99999 }}",
        "{{ range(1000000000) | list }}",
        "{{ '%999999999d' % 1 }}",
        "{{ 'a' | center(999999999) }}",
        "{{ 'a' | indent(999999999) }}",
        "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
        "{% set a = 'xxxxxxxx' %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
        "{% set a = 'xxxxxxxx' %}" + "{% set a = a + a %}" * 60 + "{{ a }}",
        "{% set a = 'xxxxxxxx' %}" + "{% set a = a | replace('x', a) %}" * 60 + "{{ a }}",
        "{% set a = 'xxxxxxxx' %}" + "{% set a = range(900) | join(a) %}" * 9 + "{{ a }}",
        "{% set a = 9 %}" + "{% set a = a * a %}" * 60 + "{{ a }}",
        "{% set a = 'xxxxxxxx' %}" + "{% set a = (a ~ a) ~ (a ~ a) %}" * 60 + "{{ a }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "x" * 500_000,
        "{% for a in range(999) %}" + "x" * 1000 + "{% endfor %}",
        "{{" + "-" * 20_000 + "1 }}",
        "{{ lead.name" + " | tojson" * 300 + " }}",
    ],
)
def test_little_cannot_become_much(template: str) -> None:
    started = time.perf_counter()
    with pytest.raises(UserError):
        fill(template, LEAD)
    assert time.perf_counter() - started < 2


def test_the_bounds_are_those_of_one_filling() -> None:
    template = "{% for a in range(900) %}{% for b in range(10) %}.{% endfor %}{% endfor %}"
    assert len(fill(template, {})) == len(fill(template, {})) == 9000


def test_names_are_the_dotted_ones_that_a_template_is_given() -> None:
    template = (
        "{{ lead.email }}{% for one in step.find.found %}{{ one.link }}{% endfor %}"
        "{{ answers['budget'].quote }}{{ found[0].title }}{% set q = lead.z %}{{ q }}"
    )
    assert names_in(template) == {
        "lead.email", "step.find.found", "answers.budget.quote", "found", "lead.z",
    }  # fmt: skip


def test_check_says_where() -> None:
    (found,) = check("one\ntwo {{ lead.email", line=5, file="a.md")
    assert (found.code, found.where) == ("template", Place("a.md", 6, 5))
    (found,) = check("one\ntwo {{ lead.emial }}", lambda name: name == "lead.email", file="a.md")
    assert (found.code, found.where) == ("template-name", Place("a.md", 2, 8))
    assert check("{{ lead.email | first_name }}", lambda _: True) == ()
    (found,) = check("{{ 1 | shout }}")
    assert "shout" in found.message


@pytest.mark.parametrize(
    "shown",
    ["{{ self }}", "{{ range }}", "{{ range(5) }}", "{{ lead }}", "{{ nope | items }}",
     "{{ [nope] }}", "{{ {'a': nope} }}", "{{ lead.tags | reverse }}",
     "{% for tag in lead.tags %}{{ loop }}{% endfor %}"],
)  # fmt: skip
def test_how_python_shows_something_is_never_written(shown: str) -> None:
    with pytest.raises(UserError) as caught:
        fill(shown, {"lead": {"tags": ["<i>", "b"]}}, html=True)
    assert caught.value.code == "template-value"


def test_a_list_is_written_with_commas() -> None:
    assert fill("{{ tags }}", {"tags": ["<i>", 2]}, html=True) == "&lt;i&gt;, 2"


@pytest.mark.parametrize(
    "slow",
    ["{% set x = name | replace('A', '" + "B" * 36 + "') | upper | length %}" * 30,
     "{% if name | wordcount + (name ~ name ~ name) | striptags | length %}{% endif %}",
     "{% if range(1000) | sort | sum %}{% endif %}" * 9],
)  # fmt: skip
def test_what_is_slow_ends(slow: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these takes minutes within all that counts."""
    monkeypatch.setattr(sandbox, "MOST_SECONDS", 0.2)
    text = "{% for i in range(1000) %}{% for j in range(9) %}" + slow + "{% endfor %}{% endfor %}"
    began = time.monotonic()
    with pytest.raises(UserError, match="It takes more than 0 seconds"):
        fill(text, {"name": "A" * 10_000})
    assert time.monotonic() - began < 3


def test_what_python_cannot_compile_nests_too_deep() -> None:
    text = "{% if (" + "tags | sort | reverse | list | sum + " * 200 + " 0) %}{% endif %}"
    with pytest.raises(UserError, match="nests too deep"):
        fill(text, {"tags": [1]})
    assert [one.code for one in check(text)] == ["template"]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ lead.name | truncate(-5) }}", "expected length >= 3"),
        ("{% for a in range(1000000) %}{% endfor %}", "Range counts to no more than 1,000"),
        ("{{ lead.name" + " | upper" * 21 + " }}", "A value has at most 20 filters"),
    ],
)
def test_what_cannot_be_is_said(template: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        fill(template, LEAD)
    if "truncate" not in template:  # that shows only when it is filled
        assert [said in one.message for one in check(template)] == [True]
