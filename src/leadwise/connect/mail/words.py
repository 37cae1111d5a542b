"""What stands at the foot of mails and on the page of unsubscribing, in the languages of leads."""

from __future__ import annotations

from dataclasses import dataclass

RIGHT_TO_LEFT = frozenset(("ar", "fa", "he", "ur", "yi", "ps", "ckb", "dv"))


@dataclass(frozen=True, slots=True)
class Words:
    """The texts in one language."""

    unsubscribe: str
    question: str
    button: str
    done: str


ENGLISH = Words(
    "Unsubscribe", "Do you want no more mails from us at this address?", "Unsubscribe",
    "You get no more mails from us.",
)  # fmt: skip
_WORDS = {
    "en": ENGLISH,
    "es": Words(
        "Darse de baja", "¿No quiere recibir más correos nuestros en esta dirección?",
        "Darse de baja", "No recibirá más correos nuestros.",
    ),
    "fi": Words(
        "Peruuta tilaus", "Etkö halua enää viestejämme tähän osoitteeseen?", "Peruuta tilaus",
        "Et saa meiltä enää viestejä.",
    ),
    "de": Words(
        "Abmelden", "Möchten Sie an diese Adresse keine E-Mails mehr von uns?", "Abmelden",
        "Sie bekommen keine E-Mails mehr von uns.",
    ),
    "fr": Words(
        "Se désabonner", "Ne plus recevoir nos e-mails à cette adresse ?", "Se désabonner",
        "Vous ne recevrez plus nos e-mails.",
    ),
    "it": Words(
        "Annulla l'iscrizione", "Non vuole più ricevere nostre e-mail a questo indirizzo?",
        "Annulla l'iscrizione", "Non riceverà più nostre e-mail.",
    ),
    "nl": Words(
        "Afmelden", "Wilt u geen e-mails van ons meer op dit adres?", "Afmelden",
        "U krijgt geen e-mails meer van ons.",
    ),
    "pt": Words(
        "Cancelar a subscrição", "Não quer receber mais e-mails nossos neste endereço?",
        "Cancelar a subscrição", "Não receberá mais e-mails nossos.",
    ),
    "sv": Words(
        "Avsluta prenumerationen", "Vill du inte ha fler mejl från oss till den här adressen?",
        "Avsluta prenumerationen", "Du får inga fler mejl från oss.",
    ),
    "pl": Words(
        "Wypisz się", "Nie chcesz otrzymywać od nas wiadomości na ten adres?", "Wypisz się",
        "Nie otrzymasz od nas więcej wiadomości.",
    ),
}  # fmt: skip


def words_in(language: str) -> Words:
    """The texts in a language (`es`, `es-MX`), in English where there are none."""
    return _WORDS.get(language.lower().partition("-")[0], ENGLISH)


def direction(language: str) -> str:
    """How a language is written: `ltr` or `rtl`."""
    return "rtl" if language.lower().partition("-")[0] in RIGHT_TO_LEFT else "ltr"
