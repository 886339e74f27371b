"""Random doubles, the same for the same seed in every process."""

import math
import random
import struct


def doubles(seed: int, count: int) -> list[float]:
    """Finite doubles, every bit of them random. Zero is left out: its sign is not kept."""
    bits = random.Random(seed)
    found: list[float] = []
    while len(found) < count:
        (number,) = struct.unpack("<d", bits.randbytes(8))
        if math.isfinite(number) and number != 0.0:
            found.append(number)
    return found
