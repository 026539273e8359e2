"""`python -m merchant_mock` is `acp-merchant`."""

from merchant_mock.cli import main

main()
