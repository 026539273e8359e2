"""`python -m acp` is the command `acp`."""

from acp.cli import main

if __name__ == "__main__":
    main()
