"""A shop to try the protocol on: catalogue, prices, stock, delivery, a payment provider and an agent's inbox."""
