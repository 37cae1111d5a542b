"""What messages are often about. A class of a playbook that means such a thing is known by these
sentences and words, too: "somebody wants to know how something is done" is far from "Where can I
find the API key?" for a sentence model, and near to "How do I do this?".

Written for the purpose; the sentence model takes the sentences to other languages by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_I = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class Intent:
    """`meant` finds it in the description of a class, `cue` in a text (None: nothing tells it)."""

    name: str
    meant: re.Pattern[str]
    cue: re.Pattern[str]
    says: tuple[str, ...]


INTENTS: tuple[Intent, ...] = (
    Intent(
        "trouble",
        re.compile(r"\b(?:not work|broken|wrong|fails?|failure|errors?|outage|bugs?|crash\w*|"
                   r"defects?|kaputt|fehler|error(?:es)?|fallos?|panne)\b", _I),
        re.compile(r"\b(?:errors?|fail(?:s|ed|ing|ure)?|crash\w*|broken?|breaks|bugs?|cannot|can't|"
                   r"can not|doesn't|does not work|not working|wrong|blank|down|stuck|slow|"
                   r"freez\w+|lost|missing|timeouts?|times? out|[45]0\d|"
                   r"no (?:puedo|funciona)|fallo|fehler|"
                   r"kaputt|geht nicht|funktioniert nicht|ne (?:marche|fonctionne) (?:pas|plus)|"
                   r"erreur|ei toimi|virhe)\b", _I),
        ("It does not work any more.", "I get an error when I try.", "The page is broken.",
         "It crashes every time.", "The numbers are wrong.", "It is very slow today.",
         "Nothing happens when I click.", "It stopped working since the update."),
    ),
    Intent(
        "question",
        re.compile(r"\b(?:wants? to know|asks? (?:how|where|who|what|when)|how something|"
                   r"questions?|preguntas?|fragen?)\b", _I),
        re.compile(r"^\W*(?:how|where|what|who|when|which|why|is it possible|is there|do(?:es)? "
                   r"(?:you|it|anyone|anybody|the)|can i|may i|could (?:someone|anyone)|cómo|dónde|"
                   r"qué|quién|cuándo|wie|wo|was|wer|wann|gibt es|comment|où|qui|quand|est-ce que|"
                   r"miten|missä|kuka|milloin|onko)\b|(?:anyone|anybody|someone) know\b|"
                   r"\bhow (?:do|can|to)\b", _I),
        ("How do I do this?", "Where can I find it?", "Is it possible to do that?",
         "Who is responsible for this?", "Does anybody know how it is done?",
         "What is the way to change the setting?"),
    ),
    Intent(
        "wish",
        re.compile(r"\b(?:does not exist yet|something new|new features?|wish\w*|"
                   r"feature requests?|asked for|is wanted|improvements?)\b", _I),
        re.compile(r"\b(?:would (?:be (?:great|nice|good|helpful|cool)|love|"
                   r"like to (?:see|have)|help)|"
                   r"i'd love|we'd love|(?:please|can you|could you|could we|can we) (?:please )?"
                   r"(?:add|get|have|support|build|make)|feature|wish|suggest\w*|idea|"
                   r"estaría bien|me gustaría|wäre (?:schön|toll|gut)|wünsch\w+|serait bien|"
                   r"olisi (?:hyvä|kiva))\b", _I),
        ("It would be great if you added this.", "Could you support that in future?",
         "We would love to have such a feature.", "Please add an option for it."),
    ),
    Intent(
        "money",
        re.compile(r"\b(?:invoices?|payments?|prices?|billing|refunds?|cards?|factura\w*|"
                   r"rechnung\w*|factures?)\b", _I),
        re.compile(r"\b(?:invoices?|charg(?:e|ed|es)|refund\w*|pa(?:y|id|yment|yments)|pric(?:e|es|ing)"
                   r"|billing|bill|credit cards?|subscription|cancel (?:our|my|the)|receipt|vat|"
                   r"facturas?|pago|cobr\w+|rechnung\w*|bezahl\w+|kündig\w+|factures?|paiement|"
                   r"rembours\w+|lasku\w*)\b", _I),
        ("We were charged twice.", "Please send the invoice again.", "I want my money back.",
         "Please cancel our subscription.", "The price on the bill is not what we agreed."),
    ),
    Intent(
        "urgent",
        re.compile(r"\b(?:urgent|nobody can|cannot work|data (?:are|is) lost|safety|due today|"
                   r"everybody is concerned|emergency|money is lost)\b", _I),
        re.compile(r"\b(?:urgent\w*|asap|immediately|at once|emergency|down|outage|nobody can|"
                   r"no one can|none of (?:us|our)|all (?:our )?(?:users|customers)|"
                   r"everybody|everyone|"
                   r"lost (?:all|our|data)|production|customers? (?:cannot|can't)|"
                   r"today|"
                   r"data loss|security|breach|urgente|dringend|sofort|kiireellinen)\b", _I),
        ("Production is down and nobody can work.", "We have lost our data.",
         "Our customers cannot pay, it must be fixed today.", "All users are locked out."),
    ),
    Intent(
        "mild",
        re.compile(r"\b(?:can wait|in the way|looks odd|one person|low|minor|work goes on)\b", _I),
        re.compile(r"\b(?:minor|small|little|typo|cosmetic|when you have time|no (?:rush|hurry)|"
                   r"sometime|slightly|a bit|nice to have|kein\w* eile|sin prisa)\b", _I),
        ("There is a typo on the page.", "It is only a small thing, no hurry.",
         "The colour of the button looks a bit odd.", "It would be nice one day."),
    ),
    Intent(
        "meeting",
        re.compile(r"\b(?:meet(?:ing)?s?|a demonstration|a demo|asks for a time|appointment|"
                   r"reuni\w+|termin)\b", _I),
        re.compile(r"\b(?:meet(?:ing)?|schedule|call|demo|appointment|available|slot|calendar|"
                   r"talk (?:on|at|next|this)|reuni\w+|llamada|termin|treffen|rendez-vous|réunion|"
                   r"tapaami\w+)\b", _I),
        ("Could we meet next week?", "Can we schedule a call?", "I would like to see a demo.",
         "Are you available on Tuesday at ten?"),
    ),
    Intent(
        "talk",
        re.compile(r"\b(?:talk|thanks|jokes?|small talk|greetings?|smalltalk)\b", _I),
        re.compile(r"\b(?:thanks?|thank you|lol|haha\w*|congrat\w*|happy birthday|"
                   r"good (?:morning|night|evening)|lunch|coffee|weekend|holiday|welcome|"
                   r"gracias|danke|merci|kiitos)\b|"
                   r"^\W*(?:hi|hello|hey|ok|okay|great|nice|cool)\W*$", _I),
        ("Thanks everybody!", "Good morning, all.", "Have a nice weekend.", "Happy birthday!",
         "That is funny.", "Lunch is here."),
    ),
)  # fmt: skip
REST = re.compile(
    r"\b(?:anything else|everything else|none of (?:these|the)|all else|the rest)\b", _I
)
"""What a class says that takes what no other does."""
SMALL_TALK = next(one for one in INTENTS if one.name == "talk")
