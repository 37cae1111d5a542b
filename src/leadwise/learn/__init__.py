"""Points meet what was won and lost: a training row is the card's query asked at a past moment.

rows         what all of this works on: moments gone by, what was known then, what came of them
moments      which instants, with which outcome, without anything that only came later
leakage      fields and events that give the outcome away, named with evidence
judge        how good an order or a probability is, with intervals
backtest     a card held against what came after, in order of time
scorecard    a learned card: points that data give, near the points that people gave
models       LightGBM and EBM for the last percent, as text, with reasons for each lead
calibration  the probability that a score means; thresholds
refinement   which criteria help; proposed points; champion, challenger, holdout
drift        whether what was learned still holds

All of these are pure: arrays in, frozen records out; `now` and seeds are arguments. What follows
asks the record, and writes to it:

record       rows out of the record
studies      questions to its past, each with a document (past, proposing, watching, asked)
saying       models in use tell their facts, and why
experiments  who is left alone by lot, and what follow-up brings
jobs         all of that as jobs
"""
