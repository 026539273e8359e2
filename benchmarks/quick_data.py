HOME = {
    "name": "Ada Moor",
    "line_one": "1 Heather Row",
    "city": "Fresno",
    "state": "CA",
    "country": "US",
    "postal_code": "93701",
}
CREATE = {
    "line_items": [{"id": "mug", "quantity": 2}],
    "currency": "usd",
    "capabilities": {"interventions": {"supported": ["3ds"]}},
    "buyer": {"email": "ada@example.com"},
    "fulfillment_details": {"address": HOME},
}
UPDATE = {"line_items": [{"id": "mug", "quantity": 3}]}
PAY = {
    "payment_data": {
        "handler_id": "card",
        "instrument": {"type": "card", "credential": {"type": "spt", "token": "vt_1"}},
    }
}
