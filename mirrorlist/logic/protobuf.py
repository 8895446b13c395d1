"""The proto2 wire format, as far as the mirrorlist cache needs it: varints, texts and messages.

Knows how fields become bytes and nothing of what they mean. Repeated numbers are not packed, which
every parser reads. A library would order fields and keys as it likes; here equal input gives equal
bytes.
"""

from collections.abc import Iterable

VARINT, LENGTH_DELIMITED = 0, 2
UINT64 = 2**64 - 1


def varint(number: int) -> bytes:
    """Return an int64, uint64 or bool; negative numbers are two's complement of 64 bits."""
    number &= UINT64
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def number_field(field: int, number: int) -> bytes:
    """Return a field with a number."""
    return varint(field << 3 | VARINT) + varint(number)


def bytes_field(field: int, data: bytes) -> bytes:
    """Return a field with bytes, or with a message that is encoded already."""
    return varint(field << 3 | LENGTH_DELIMITED) + varint(len(data)) + data


def text_field(field: int, text: str) -> bytes:
    """Return a field with a text. What is no Unicode (half a surrogate pair) becomes a “?”."""
    return bytes_field(field, text.encode("utf-8", "replace"))


def numbers_field(field: int, numbers: Iterable[int]) -> bytes:
    """Return a repeated field with numbers, one by one."""
    return b"".join([number_field(field, number) for number in numbers])
