"""Reading texts for steps: into a class, into fields, and looking for an answer among papers.

intents    what messages are often about, with ways in which people say it
classes    the class of a text, with the words that speak for it
labels     how near what stands beside a value comes to what is looked for
values     values of a kind in a line: money, dates, numbers, addresses, references
fields     the fields of a text
model      both by the model provider, where one is set
finding    papers that answer a question
"""
