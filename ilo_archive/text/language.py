"""Detect the language of a text by its script and its function words.

The address of a page does not prove its language: English text has been found under `lang--es`.
"""

import re

_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_ANY_SCRIPT = re.compile("[\u0400-\u06ff\u0e00-\u0e7f\u3040-\u9fff]")
_LATIN_WORD = re.compile(r"[a-zà-ÿ]+")

# Frequent words that few of the other languages share.
_FUNCTION_WORDS = {
    "en": "the of and to in for on with by at from is are was has have its their",
    "fr": "le la les des du et au aux dans pour sur par avec une est sont ses leurs ont",
    "es": "el la los las del y en para con por una un se su sus es son al como",
    "pt": "o a os as da do das dos e em para com por uma um no na nos nas ao é são",
    "it": "il lo gli della del delle dei e di per con una un nel nella sul è sono alla al",
    "de": "der die das und den dem des im für mit von zu auf eine ein ist sind zur zum",
}
_VOTES: dict[str, tuple[str, ...]] = {
    word: tuple(lang for lang, words in _FUNCTION_WORDS.items() if word in words.split())
    for words in _FUNCTION_WORDS.values()
    for word in words.split()
}
LONGEST_SAMPLE = 800
"""Characters; a longer sample does not improve the result."""


def detect_language(text: str) -> str | None:
    """The ISO 639-1 code of the language; None if the text is too short or ambiguous."""
    sample = text[:LONGEST_SAMPLE]
    if _ANY_SCRIPT.search(sample) and (language := _by_script(sample)):
        return language
    votes = dict.fromkeys(_FUNCTION_WORDS, 0.0)
    for word in filter(_VOTES.__contains__, _LATIN_WORD.findall(sample.lower())):
        for language in (languages := _VOTES[word]):
            votes[language] += 1 / len(languages)
    best, second = sorted(votes, key=lambda language: -votes[language])[:2]
    return best if votes[best] >= 1 and votes[best] > votes[second] else None


def _by_script(sample: str) -> str | None:
    """The language of the script that most letters belong to; None for other scripts."""
    letters = sum(map(str.isalpha, sample)) or 1
    for language, script in _SCRIPTS:
        share = len(script.findall(sample)) / letters
        if share > (0.05 if language == "ja" else 0.3):
            return language
    return None


def language_of_script(text: str) -> str | None:
    """The language of the first non-Latin script with a letter in the text; None without one."""
    return next((language for language, script in _SCRIPTS if script.search(text)), None)
