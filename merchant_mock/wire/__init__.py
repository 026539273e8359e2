"""What goes over the wire of one shop, and the levers that change it on its way."""
