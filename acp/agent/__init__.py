"""What keeps a spending agent in hand: the tools that a model is given, and who decides before anything is paid."""
