"""Amounts of money in a text: bounds, periods, currencies, what each is about."""
