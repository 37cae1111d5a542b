"""The embedded reader: no network, no key. Rules for money, time, titles and negation, and a small
sentence model where one is installed."""
