"""The card's query put to use: the same question, asked of different moments.

population   a card with its leads on an engine, and the asking itself
summary      ledgers in points and words
explain      one lead: evidence, questions worth asking, the next change
history      instants gone by          forecast   instants ahead
compare      two cards                 outcomes   what became of the leads
"""
