"""An invented airline, its customers and what befell them, from a seed.

In: a seed, a first day, a `Scenario`. Out: activities in the order in which they happen, with the truth about each in
`properties`. `people` makes everybody; `shop ordinary storm company rings crowd` each tell their part to a `Tale`;
`pen` finds the words in `texts/`. All of it was written for gehoor and is in the public domain (CC0 1.0).
"""
