"""What a crash may not cost: power cuts, killed processes, a full disk.

The parts, each usable on any program:

- `record.c`, `recorder.py`: a preloaded library notes every write, fsync and rename below a folder, in one order.
- `powerloss.py`: a model of a disk; builds the folder as a machine might find it after the power went at any point.
- `killer.py`, `load.py`: start a program, feed it with overlapping re-delivery, kill it at random moments, start again.
- `toy.py`: a small keeper of lines that can be told to be careless: the harness must catch it each time.

Chance comes from a seeded Generator; a failing test names its seed, and the same seed and recording give the same
folder again. `pytest -m proof tests/crash` runs the long forms. Needs Linux and gcc for the recorder.
"""
