"""Know: what a person does, is worth, and goes to.

In: order days of customers (`rfm.Histories`), purchases of brands, records of persons. Out: columns per person, each
with how sure it is: whether they are still customers, how often they will order and for how much; which brand is next;
which records are one person. Every model keeps the manners of scikit-learn (`base.Model`): settings in the constructor,
`fit`, `predict`, what was learned in attributes that end in `_`. Nothing here reads a file or a table, knows the time,
or decides: `run` does the first two, a person the last.
"""
