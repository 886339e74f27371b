"""The canonical form, byte for byte beside that of other implementations: PyPI's `rfc8785`, npm's `canonicalize`, and
V8, whose number formatting is the one that RFC 8785 refers to."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import rfc8785
from documents import characters, damaged, document, number, string

HERE = Path(__file__).parent

# Refused here as in any parser of RFC 8259. The other kinds go beyond the grammar.
GRAMMAR = {
    "unexpected_end",
    "unexpected_character",
    "trailing_characters",
    "invalid_number",
    "control_character",
    "invalid_escape",
    "byte_order_mark",
}


@pytest.fixture(scope="session")
def isoblob():
    """The crate as a filter: an example of its own, built now."""
    command = ["cargo", "build", "--package", "isoblob-core", "--example", "canonicalize", "--message-format", "json"]
    built = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, check=True)
    messages = map(json.loads, built.stdout.splitlines())
    executables = [message["executable"] for message in messages if message.get("executable")]
    return lambda lines: filtered([executables[-1]], lines)


def v8(lines):
    return filtered(["node", HERE / "v8.js"], lines)


def filtered(command, lines):
    """What a filter answers to these lines."""
    lines = [line.encode() for line in lines]
    answer = subprocess.run(command, input=b"".join(line + b"\n" for line in lines), stdout=subprocess.PIPE, check=True)
    answers = answer.stdout.removesuffix(b"\n").split(b"\n")
    assert len(answers) == len(lines)
    return answers


def check(lines, actual, expected):
    differences = [case for case in zip(lines, actual, expected, strict=True) if case[1] != case[2]]
    assert not differences, f"{len(differences)} of {len(lines)}, the first: {differences[0]}"


@pytest.mark.parametrize("seed", range(4))
def test_documents(isoblob, seed):
    random = Random(seed)
    documents = [document(random) for _ in range(1_000)]
    canonical = isoblob(documents)
    check(documents, canonical, [rfc8785.dumps(json.loads(text)) for text in documents])
    check(documents, canonical, v8(documents))


def test_numbers(isoblob):
    random = Random(8785)
    numbers = [number(random) for _ in range(200_000)]
    canonical = isoblob(numbers)
    check(numbers, canonical, v8(numbers))
    check(numbers, canonical, [rfc8785.dumps(json.loads(text)) for text in numbers])


def test_integers_of_twenty_digits_are_kept_where_a_double_would_round(isoblob):
    random = Random(64)
    integers = [str(random.randint(-(2**70), 2**70)) for _ in range(10_000)]
    check(integers, isoblob(integers), [text.encode() for text in integers])
    # As doubles they are written as V8 writes them.
    doubles = [f"{text}.0" for text in integers]
    check(doubles, isoblob(doubles), v8(doubles))


def test_strings(isoblob):
    random = Random(3629)
    strings = [string(random, characters(random)) for _ in range(50_000)]
    canonical = isoblob(strings)
    check(strings, canonical, v8(strings))
    check(strings, canonical, [rfc8785.dumps(json.loads(text)) for text in strings])


def test_every_character(isoblob):
    plain = [chr(code) for code in range(0x20, 0x110000) if not 0xD800 <= code < 0xE000 and chr(code) not in '"\\']
    lines = ['"' + "".join(plain[start : start + 1_000]) + '"' for start in range(0, len(plain), 1_000)]
    for start in [*range(0, 0xD800, 16), *range(0xE000, 0x10000, 16)]:
        lines.append('"' + "".join(f"\\u{code:04X}\\u{code:04x}" for code in range(start, start + 16)) + '"')
    check(lines, isoblob(lines), v8(lines))


def test_damaged_documents_are_refused_where_v8_refuses_them(isoblob):
    random = Random(8259)
    documents = [damaged(random, document(random, depth=2)) for _ in range(8_000)]
    verdicts = Counter()
    for text, answer, peer in zip(documents, isoblob(documents), v8(documents), strict=True):
        kind = answer[1:].decode() if answer.startswith(b"!") else "accepted"
        verdicts[kind] += 1
        if kind in GRAMMAR:
            assert peer == b"!", (text, answer, peer)
        elif kind == "accepted":
            assert peer != b"!", (text, answer, peer)
    assert verdicts["accepted"] > 500 and all(verdicts[kind] > 0 for kind in GRAMMAR), verdicts
