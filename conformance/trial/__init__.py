"""What a check has at hand: the shop and the PSP under test, sessions in every state, payment, hooks and events."""
