"""Qualification: a frame's questions (BANT, ANUM, CHAMP, MEDDIC, your own) answered from forms and
from what people said, every answer with its quote.

    frame          a text file like a card: questions, kinds of answer, what they write
    conversation   calls, mails and chats in their formats -> turns of a buyer and a seller
    embedded       the reader that needs no network: rules and a small sentence model
    provider       the reader that asks a model provider
    evaluation     readers against labelled conversations

Everything here is pure but for reading files and asking a provider; the record's part is in
`leadwise.store`, the pages' in `leadwise.web.pages.qualify`.
"""
