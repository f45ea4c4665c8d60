"""The words of a note as they are searched for: normalised, each once. Pure."""

import re
import unicodedata

MOST = 600  # different words of one note
_LONGEST = 40
_NUMBER = re.compile(r"(?<=\d)[.\-/ ](?=\d)")  # 12.345.678.9-012.000 is one word
_WORD = re.compile(r"[a-z0-9]+")
# Too common to find anything by; fewer rows, and less told by how often a fingerprint occurs.
_COMMON_TEXT = (
    "ada agar akan atau bahwa bapak bisa dan dari dengan di dia ibu ini itu jika juga kami karena ke kita "
    "lagi maka mau mohon oleh pada para saat saja sama sampai saya sebagai sudah telah tidak untuk wp yang "
    "and are as at be by can for from has have he in is it not of on or she that the they this to was with"
)
_COMMON = frozenset(_COMMON_TEXT.split())


def words_of(*texts: str) -> frozenset[str]:
    """Return the words by which texts are found: small letters without accents, numbers in one piece.

    At most MOST; of longer texts the first ones.
    """
    found: dict[str, None] = {}
    for text in texts:
        folded = unicodedata.normalize("NFKD", text.casefold())
        plain = "".join(character for character in folded if not unicodedata.combining(character))
        for word in _WORD.findall(_NUMBER.sub("", plain)):
            if 2 <= len(word) <= _LONGEST and word not in _COMMON:
                found[word] = None
            if len(found) == MOST:
                return frozenset(found)
    return frozenset(found)
