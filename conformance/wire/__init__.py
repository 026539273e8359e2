"""What is said on the wire: requests as they are sent, answers as they came, and both as they may be shown."""
