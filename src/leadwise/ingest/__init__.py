"""What comes in: protocols and files become messages, messages become the record."""
