"""`python -m gehoor`: the same as the command `gehoor`."""

from gehoor.cli import main

if __name__ == "__main__":
    main()
