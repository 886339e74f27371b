"""Random JSON texts: I-JSON (RFC 7493), which every peer can read, in all the ways to write it."""

import math
import struct

SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
BEYOND_ASCII = [(0x7F, 0xFF), (0x100, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)]
RANGES = [(0x20, 0x7E)] * 6 + [(0, 0x1F)] * 2 + BEYOND_ASCII


def number(random):
    """A literal: an integer that a double holds, or any double in some spelling."""
    if random.random() < 0.3:
        return str(random.randint(-(2 ** random.randint(0, 53)) + 1, 2 ** random.randint(0, 53) - 1))
    if random.random() < 0.3:
        digits = "".join(random.choices("0123456789", k=random.randint(1, 40)))
        point = random.randint(1, len(digits))
        whole, fraction = digits[:point].lstrip("0") or "0", digits[point:] or "0"
        return f"{random.choice(['', '-'])}{whole}.{fraction}{random.choice('eE')}{random.randint(-340, 260)}"
    double = math.nan
    # Not the greatest ones, which could be rounded up to infinity.
    while not abs(double) < 1e308:
        double = struct.unpack("<d", random.randbytes(8))[0]
    return f"{double:.{random.randint(0, 30)}{random.choice('eE')}}"


def characters(random):
    """The characters of a string or a key."""
    length = random.choice([0, 1, 2, 3, 8, 40, 120])
    return "".join(chr(random.randint(*random.choice(RANGES))) for _ in range(length))


def string(random, value):
    """A spelling of a string."""
    return '"' + "".join(_character(random, character) for character in value) + '"'


def _character(random, character):
    must_be_escaped = character < " " or character in '"\\'
    if not must_be_escaped and random.random() < 0.8:
        return character
    if character in SHORT and random.random() < 0.7:
        return SHORT[character]
    units = struct.iter_unpack(">H", character.encode("utf-16-be"))
    return "".join(random.choice(["\\u{:04x}", "\\u{:04X}"]).format(unit) for (unit,) in units)


def scalar(random):
    """A spelling of what is no container."""
    kind = random.randint(0, 9)
    if kind < 5:
        return number(random)
    return string(random, characters(random)) if kind < 8 else random.choice(["null", "true", "false"])


def document(random, depth=0):
    """A text on one line, without a key twice in one object. `depth` says how many containers are around it."""
    kind = random.random()
    if depth > 3 or depth > 0 and kind < 0.4:
        text = scalar(random)
    elif kind < 0.6:
        elements = [document(random, depth + 1) for _ in range(random.randint(0, 5))]
        text = f"[{','.join(elements) or space(random)}]"
    else:
        keys = dict.fromkeys(characters(random) for _ in range(random.randint(0, 7)))
        members = [
            f"{space(random)}{string(random, key)}{space(random)}:{document(random, depth + 1)}" for key in keys
        ]
        text = f"{{{','.join(members) or space(random)}}}"
    return f"{space(random)}{text}{space(random)}"


def space(random):
    """Whitespace, mostly none, and never the end of the line."""
    return random.choice(["", "", "", " ", "\t", "\r", "  "])


def damaged(random, text):
    """The text with a few characters taken out, put in or exchanged; still on one line."""
    telling = '{}[]:,"\\-+.eE01 /utfn\x00\x1f\x7fé\ufeff'
    for _ in range(random.randint(1, 3)):
        start = random.randint(0, len(text))
        inserted = random.choice(["", random.choice(telling), random.choice(text or " ")])
        text = text[:start] + inserted + text[start + random.randint(0, 2) :]
    return text
