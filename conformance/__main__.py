"""`python -m conformance`, the same as `acp-conformance`."""

from conformance.cli import main

if __name__ == "__main__":
    main()
