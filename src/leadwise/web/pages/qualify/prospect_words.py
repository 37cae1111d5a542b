"""What a prospect reads around the questions, in each language that frames have words for."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGE_NAMES = {
    "en": "English", "es": "Español", "de": "Deutsch", "fr": "Français", "fi": "Suomi",
}  # fmt: skip
"""The languages that frames have words for and readers read, each under its own name."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "heading": "A few questions",
        "lead": "Answer what you can and leave out the rest. It takes about two minutes.",
        "send": "Send", "optional": "No answer", "another": "Another answer:",
        "thanks": "Thank you",
        "thanks_more": "Your answers have arrived. You can close this page, or go back and "
        "correct them.",
        "back": "Correct the answers", "over": "This link is no longer valid",
        "over_more": "Ask the person who sent it to you for a new one.",
        "often": "Too many attempts", "often_more": "Wait a minute, then send it again.",
        "empty": "Answer one question at least.", "faults": "Please look at these answers again.",
        "who": "Your answers go to the person who sent you this link.",
        "wrong": "Choose one, or write what is asked for: a number, a day.",
        "amount_min": "At least", "amount_max": "At most", "currency": "Currency",
        "level": "Your position", "role": "Your part in the decision", "title": "Your job title",
        "items": "What you would like to solve, one a line", "by": "By this day",
        "number": "Number", "unit": "Unit", "text": "Your answer", "yes": "Yes", "no": "No",
    },
    "es": {
        "heading": "Unas preguntas",
        "lead": "Responda lo que pueda y deje el resto. Lleva unos dos minutos.",
        "send": "Enviar", "optional": "Sin respuesta", "another": "Otra respuesta:",
        "thanks": "Gracias",
        "thanks_more": "Sus respuestas han llegado. Puede cerrar esta página o volver y "
        "corregirlas.",
        "back": "Corregir las respuestas", "over": "Este enlace ya no es válido",
        "over_more": "Pida uno nuevo a quien se lo envió.",
        "often": "Demasiados intentos", "often_more": "Espere un minuto y vuelva a enviarlo.",
        "empty": "Responda al menos a una pregunta.",
        "faults": "Revise estas respuestas, por favor.",
        "who": "Sus respuestas llegan a quien le envió este enlace.",
        "wrong": "Elija una opción o escriba lo que se pide: un número, un día.",
        "amount_min": "Como mínimo", "amount_max": "Como máximo", "currency": "Moneda",
        "level": "Su cargo", "role": "Su papel en la decisión", "title": "El nombre de su puesto",
        "items": "Qué quiere resolver, una cosa por línea", "by": "Para este día",
        "number": "Número", "unit": "Unidad", "text": "Su respuesta", "yes": "Sí", "no": "No",
    },
    "de": {
        "heading": "Einige Fragen",
        "lead": "Beantworten Sie, was Sie können, und lassen Sie den Rest aus. Es dauert etwa "
        "zwei Minuten.",
        "send": "Senden", "optional": "Keine Angabe", "another": "Andere Angabe:",
        "thanks": "Vielen Dank",
        "thanks_more": "Ihre Antworten sind angekommen. Sie können diese Seite schließen oder "
        "zurückgehen und sie berichtigen.",
        "back": "Antworten berichtigen", "over": "Dieser Link gilt nicht mehr",
        "over_more": "Bitten Sie die Person, die ihn geschickt hat, um einen neuen.",
        "often": "Zu viele Versuche", "often_more": "Warten Sie eine Minute und senden Sie erneut.",
        "empty": "Beantworten Sie mindestens eine Frage.",
        "faults": "Bitte sehen Sie diese Antworten noch einmal an.",
        "who": "Ihre Antworten gehen an die Person, die Ihnen diesen Link geschickt hat.",

        "wrong": "Wählen Sie etwas aus oder schreiben Sie, was gefragt ist: eine Zahl, einen "
        "Tag.",
        "amount_min": "Mindestens", "amount_max": "Höchstens", "currency": "Währung",
        "level": "Ihre Stellung", "role": "Ihr Anteil an der Entscheidung",
        "title": "Ihre Stellenbezeichnung",
        "items": "Was Sie lösen möchten, je Zeile eines", "by": "Bis zu diesem Tag",
        "number": "Zahl", "unit": "Einheit", "text": "Ihre Antwort", "yes": "Ja", "no": "Nein",
    },
    "fr": {
        "heading": "Quelques questions",
        "lead": "Répondez à ce que vous pouvez et laissez le reste. Cela prend deux minutes.",
        "send": "Envoyer", "optional": "Sans réponse", "another": "Autre réponse :",
        "thanks": "Merci",
        "thanks_more": "Vos réponses sont arrivées. Vous pouvez fermer cette page, ou revenir et "
        "les corriger.",
        "back": "Corriger les réponses", "over": "Ce lien n'est plus valable",
        "over_more": "Demandez-en un nouveau à la personne qui vous l'a envoyé.",
        "often": "Trop de tentatives", "often_more": "Attendez une minute, puis renvoyez.",
        "empty": "Répondez à une question au moins.",
        "faults": "Merci de revoir ces réponses.",
        "who": "Vos réponses vont à la personne qui vous a envoyé ce lien.",
        "wrong": "Choisissez, ou écrivez ce qui est demandé : un nombre, un jour.",
        "amount_min": "Au moins", "amount_max": "Au plus", "currency": "Devise",
        "level": "Votre fonction", "role": "Votre rôle dans la décision",
        "title": "L'intitulé de votre poste",
        "items": "Ce que vous voulez résoudre, un point par ligne", "by": "Pour ce jour",
        "number": "Nombre", "unit": "Unité", "text": "Votre réponse", "yes": "Oui", "no": "Non",
    },
    "fi": {
        "heading": "Muutama kysymys",
        "lead": "Vastaa siihen, mihin voit, ja jätä loput väliin. Tähän menee noin kaksi "
        "minuuttia.",
        "send": "Lähetä", "optional": "Ei vastausta", "another": "Muu vastaus:",
        "thanks": "Kiitos",
        "thanks_more": "Vastauksesi ovat perillä. Voit sulkea sivun tai palata korjaamaan ne.",
        "back": "Korjaa vastauksia", "over": "Tämä linkki ei ole enää voimassa",
        "over_more": "Pyydä uusi siltä, joka lähetti sen sinulle.",
        "often": "Liian monta yritystä", "often_more": "Odota minuutti ja lähetä uudelleen.",
        "empty": "Vastaa ainakin yhteen kysymykseen.",
        "faults": "Tarkista nämä vastaukset.",
        "who": "Vastauksesi menevät sille, joka lähetti sinulle tämän linkin.",
        "wrong": "Valitse jokin tai kirjoita, mitä kysytään: luku tai päivä.",
        "amount_min": "Vähintään", "amount_max": "Enintään", "currency": "Valuutta",
        "level": "Asemasi", "role": "Roolisi päätöksessä", "title": "Työnimikkeesi",
        "items": "Mitä haluat ratkaista, yksi riviä kohti", "by": "Tähän päivään mennessä",
        "number": "Luku", "unit": "Yksikkö", "text": "Vastauksesi", "yes": "Kyllä", "no": "Ei",
    },
}  # fmt: skip


def words_in(language: str) -> Mapping[str, str]:
    """The words of a language, English where there are none."""
    return WORDS.get(language, WORDS["en"])
