"""The control API under `/_mock/`: what is changed, asked and prepared in a shop while it runs, one module per noun.

Its routes are data (`merchant_mock.control.routes`), its messages are held to `schema.json`, and `Control` and
`AsyncControl` in `merchant_mock.control.client` call it.
"""

PREFIX = "/_mock"
"""Where the control API is, below where a shop is served."""
