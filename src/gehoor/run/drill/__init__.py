"""The fire drill: a crisis that never was, played into a copy of a workspace, and what came of it.

In: a scenario (a small TOML file, ours or the user's own), a workspace, a size, a seed. `scenario` reads it, `telling`
makes its voices and crowd, `copied` makes the marked copy, `drill` plays it there on a clock of its own, `after_action`
reads from the copy how long each step took, `report` writes it down. Out: a report in `drills/` of the workspace. The
copy has no sources, no receivers, no senders, and repliers that only pretend, so that nothing of a drill reaches
anybody, and is removed at the end: nothing of it reaches the figures of the workspace either. All sentences were
written for gehoor (CC0 1.0).
"""
