"""How long digit strings and codes are broken up so that a listener can write them down."""

LONGEST = 4


def groups(value: str) -> tuple[str, ...]:
    """Break a string into even groups of at most four signs, longer ones first: 7 → 4 + 3."""
    if not value:
        return ()
    count = -(-len(value) // LONGEST)
    size, longer = divmod(len(value), count)
    parts: list[str] = []
    start = 0
    for index in range(count):
        end = start + size + (1 if index < longer else 0)
        parts.append(value[start:end])
        start = end
    return tuple(parts)
