"""What callers hear and press: the flows and the engine that walks them. Pure, no I/O."""
