"""What of a reply is its own words, and whether a program wrote it: by what mail programs put above
the mail that they quote, and by the subjects of notes of absence, in the languages that they speak.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_TEXT = 4_000
_WROTE = (
    r"wrote|writes|schrieb|escribió|a écrit|écrit|ha scritto|scritto|schreef|escreveu|skrev|"
    r"kirjoitti|pisze|napisała?|napisał\(a\)|napsala?|napsal\(a\)|írta|a scris|написала?|пишет|"
    r"写道|寫道|さんは書きました|작성|yazdı|đã viết"
)
_ATTRIBUTION = re.compile(rf"(?=.*[\d@]).{{0,250}}?(?:{_WROTE})[^:：]{{0,100}}[:：]\s*", re.I)
"""`On 3 March 2026, Ann wrote:`; a day or an address is in it, or it may be the reply's own."""
_BEFORE_QUOTE = re.compile(r"(?=.*\d{4}).{0,200}<[^<>\s]+@[^<>\s]+>:?\s*")
"""What stands above lines with a > and has a day and an address, whatever it says."""
_RULE = re.compile(r"-{2,}\s?[^-\s](.*[^-\s])?\s?-{2,}|_{10,}.*")
_FROM = re.compile(
    r"\*?(from|von|de|da|van|från|fra|lähettäjä|od|от|gönderen|发件人|寄件者|差出人)"
    r"\s?:\*?\s?\S.*", re.I
)  # fmt: skip
_SENT = re.compile(
    r"\*?(sent|date|gesendet|datum|enviado( el)?|fecha|envoyé|data|inviato|verzonden|skickat|"
    r"sendt|lähetetty|päivämäärä|wysłano|odesláno|отправлено|дата|gönderildi|发送时间|日期|送信日時)"
    r"\s?:\*?\s?\S.*", re.I
)  # fmt: skip
_AWAY = re.compile(
    r"\W{0,2}(auto(matic|matische[rs]?|matisch|mated)?[- ]?(reply|response|responder|answer|antwort"
    r"|antwoord|beantwoording)|autosvar|automatiskt? svar|abwesen|nicht im (büro|haus)"
    r"|(i am |i'm )?(currently )?out of (the )?office|ooo\b|respuesta autom|fuera de (la )?oficina"
    r"|ausente|réponse autom|absence du bureau|absent(e)? du bureau|risposta autom|fuori sede"
    r"|fuori ufficio|resposta autom|fora do escritório|ausência|afwezig|automaattinen vastaus"
    r"|poissa( toimistolta)?\b|frånvaro|fravær|automatyczna odpowied|nieobecn|automatická odpov"
    r"|mimo kancelář|автоответ|автоматический ответ|自動返信|自動応答|不在|自动(回复|答复)"
    r"|자동 ?회신|otomatik yanıt)",
    re.I,
)  # fmt: skip


def is_away(subject: str) -> bool:
    """Whether a subject is that of a program's answer: out of the office, automatic reply."""
    return bool(_AWAY.match(unicodedata.normalize("NFC", subject).strip()))


def own_words(text: str) -> str:
    """What somebody wrote above the mail that they answer."""
    lines = [line.rstrip() for line in text.split("\n")]
    end = next((at for at in range(len(lines)) if _ends(lines, at)), len(lines))
    return "\n".join(lines[:end]).strip()[:LONGEST_TEXT]


def _ends(lines: list[str], at: int) -> bool:
    """Whether what is not the reply's own begins with this line."""
    line = lines[at].strip()
    if not line:
        return False
    if line.startswith(">") or line == "--" or _RULE.fullmatch(line):
        return True
    # Programs break the line that says whose words follow; what stands above it is not part of it.
    near = [one.strip() for one in lines[at : at + 3]]
    for count in range(1, 1 + next((n for n, one in enumerate(near) if not one), len(near))):
        if _is_attribution(near[:count]) and not _is_attribution(near[1:count]):
            return True
    if _FROM.fullmatch(line):
        return any(_SENT.fullmatch(one.strip()) for one in lines[at + 1 : at + 5])
    quoted = next((one for one in lines[at + 1 : at + 4] if one.strip()), "")
    return quoted.lstrip().startswith(">") and bool(_BEFORE_QUOTE.fullmatch(line))


def _is_attribution(lines: list[str]) -> bool:
    whole = " ".join(lines)
    return len(whole) <= 500 and bool(_ATTRIBUTION.fullmatch(whole))
