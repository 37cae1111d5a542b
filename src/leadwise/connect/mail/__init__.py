"""Mail: written by the letter of the standards, sent through a relay, followed by what comes back.

letter     what a mail is, and its bytes (MIME)
relay      SMTP, with what each refusal means
outbox     each mail once, as far as SMTP can settle it
links      signed addresses: opens, clicks, unsubscribing
reports    bounces, complaints, replies: what an incoming mail says of one that was sent
intake     what follows from them
mailbox    incoming mail by IMAP
"""
