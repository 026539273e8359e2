"""A shop of one test: opened in this process on a free port, its parts at hand, closed when the test is over.

The pytest plugin gives it as the fixtures `acp_merchant` and `acp_webhooks`; `opened` does the same for anything else.
"""

from merchant_mock.testing.merchant import AcpMerchant, MerchantClock, opened
from merchant_mock.testing.settings import Settings
from merchant_mock.testing.webhooks import AcpWebhooks, Delivery, NotReceived

__all__ = ["AcpMerchant", "AcpWebhooks", "Delivery", "MerchantClock", "NotReceived", "Settings", "opened"]
