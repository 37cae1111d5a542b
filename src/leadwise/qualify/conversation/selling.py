"""Ways in which people who sell, and people who buy, give themselves away: the last resort for
telling the sides, in English, Spanish, German, French and Finnish."""

from __future__ import annotations

import re
from functools import cache

_OFFER = r"(?:proposal|quote|quotation|order form|price list|deck|contract)"
_SELLS = (
    r"\bour (?:product|platform|solution|software|tool|pricing|price list|standard plan)\b",
    r"\bour (?:customers|clients|onboarding team|implementation team|roadmap)\b",
    r"\b(?:we|i) (?:offer|sell|charge|typically see|usually see|work with companies)\b",
    rf"\bi(?:'ll| will| can|'d like to)? (?:send|get|email) (?:you|over) (?:\w+ ){{0,4}}{_OFFER}\b",
    r"\b(?:show|give|walk) you (?:\w+ ){0,3}(?:demo|product|platform|pricing)\b",
    r"\bthank(?:s| you) for (?:taking the time|your interest|booking|signing up|filling)\b",
    r"\byou (?:filled in|filled out|requested|downloaded|signed up|booked)\b",
    r"\b(?:do you have|is there|have you set aside|what is)(?: an?| any| the| your)? budget\b",
    r"\b(?:is|has)(?: there| any)* (?:money|anything|funding) (?:been )?set aside\b[^?]*\?",
    r"\b(?:would|is) that (?:be )?your decision\b|\bare you the (?:one who|person who|decision)\b",
    r"\bwho else (?:is|would be|needs to be|has to be)\b[^?]*\?",
    r"\bwho (?:signs|makes the (?:final )?decision|has the final say|decides)\b[^?]*\?",
    r"\b(?:what|when)\b[^?]{0,60}\b(?:your time(?:line| ?frame)|go live|looking to start)\b[^?]*\?",
    r"\bhow (?:do|are) you (?:currently|handling|doing|managing|solving)\b[^?]*\?",
    r"\bnuestr[oa]s? (?:producto|plataforma|solución|software|herramienta|clientes|tarifas)\b",
    r"\b(?:ofrecemos|vendemos)\b",
    r"\b(?:le|te|os|les) (?:mando|envío|preparo) (?:una|la) (?:propuesta|oferta|cotización)\b",
    r"¿[^?]*\b(?:presupuesto|quién (?:decide|firma|toma la decisión)|para cuándo)\b[^?]*\?",
    r"\bunser(?:e|em|en|er)? (?:produkt|plattform|lösung|software|tool|kunden|preis(?:e|liste)?)\b",
    r"\b(?:wir bieten|wir verkaufen)\b",
    r"\bich (?:schicke|sende|mache) (?:ihnen|euch|dir) (?:\w+ ){0,3}angebot\b",
    r"\bbudget\b[^?.]*\?",
    r"\b(?:wer (?:entscheidet|unterschreibt)|bis wann|zeitrahmen)\b[^?.]*\?",
    r"\b(?:notre|nos) (?:produit|plateforme|solution|logiciel|outil|clients|tarifs|prix)\b",
    r"\bnous (?:proposons|vendons)\b",
    r"\bje vous (?:envoie|prépare|adresse) (?:\w+ ){0,3}(?:devis|proposition|offre)\b",
    r"\b(?:qui (?:décide|signe)|pour quand|délai)\b[^?.]*\?",
    r"\b(?:tuotteemme|alustamme|ratkaisumme|ohjelmistomme|asiakkaamme|hinnastomme|hintamme)\b",
    r"\b(?:tarjoamme|myymme|lähetän (?:teille |sinulle )?tarjouksen)\b",
    r"\b(?:budjetti\w*|kuka (?:päättää|allekirjoittaa)|mihin mennessä|aikataulu\w*)\b[^?.]*\?",
)
_BUYS = (
    r"\b(?:our|my) (?:budget|cfo|boss|board|finance (?:team|director))\b",
    r"\bour current (?:system|vendor|tool|supplier|provider)\b",
    r"\b(?:send|email) me (?:\w+ ){0,3}(?:proposal|quote|quotation|pricing|price|deck|details)\b",
    r"\b(?:what|how much) (?:does|would|will) (?:it|that|this) cost\b",
    r"\bwhat(?:'s| is) the price\b|\bhow much (?:is|are) (?:it|your)\b",
    r"\b(?:does|can|is) your (?:product|platform|software|tool)\b",
    r"\b(?:nuestro (?:presupuesto|proveedor)|mi jef[ae])\b|¿cuánto cuesta\b",
    r"\b(?:unser (?:budget|vorstand|lieferant)|mein chef|was kostet)\b",
    r"\b(?:notre (?:budget|fournisseur|direction)|mon chef|combien (?:ça )?coûte)\b",
    r"\b(?:budjettimme|toimittajamme|pomoni|mitä (?:se|tämä) maksaa)\b",
)


def leaning(texts: list[str]) -> int:
    """How many of the ways of selling, less those of buying, somebody's words show."""
    said = "\n".join(texts)
    return _hits(_SELLS, said) - _hits(_BUYS, said)


def _hits(ways: tuple[str, ...], said: str) -> int:
    return sum(bool(one.search(said)) for one in _compiled(ways))


@cache
def _compiled(ways: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, re.IGNORECASE) for one in ways)
