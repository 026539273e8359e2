"""Who buys in the demonstration and in prepared sessions, and where to."""

BUYER = {"first_name": "Ada", "last_name": "Moor", "email": "ada@example.com"}
ADDRESS = {
    "name": "Ada Moor",
    "line_one": "1 Heather Row",
    "city": "Fresno",
    "state": "CA",
    "country": "US",
    "postal_code": "93701",
}
