"""The errands of an agent, one function a part of the walk, by what they are about."""

from tests.merchant_mock.errands import shopping, aftersales, dealings, requests, delegations  # noqa: F401, I001 - as they are walked
from tests.merchant_mock.walk import PARTS, walked

__all__ = ["PARTS", "walked"]
