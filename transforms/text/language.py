"""The language of a text: English by the function words of its beginning, in one polars expression; what is unclear
meets py3langid."""

from functools import cache

import polars as pl
from py3langid.langid import MODEL_FILE, LanguageIdentifier

ENGLISH_WORDS = r"(?i)\b(?:the|of|and|to|in|we|is|are|for|with|that|this|on|by|from|as|our)\b"
ENGLISH_MIN_SHARE = 0.12  # of a text's words; function words make up a third or more of English prose
_JUDGED_CHARACTERS = 500  # of a text; the rest is of its language
MIN_PROBABILITY = 0.9
MIN_CHARACTERS = 60  # of a text that py3langid can classify


@cache
def _identifier() -> LanguageIdentifier:
    identifier: LanguageIdentifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)  # type: ignore[no-untyped-call]
    return identifier


def _identified(text: str) -> str | None:
    language, probability = _identifier().classify(text)  # type: ignore[no-untyped-call]
    return str(language) if probability >= MIN_PROBABILITY else None


def detect_language(text: pl.Expr) -> pl.Expr:
    """An expression for the ISO 639-1 code of each text's language; null where the text is too short or the answer
    unsure."""
    beginning = text.str.head(_JUDGED_CHARACTERS)
    english = (
        beginning.str.count_matches(ENGLISH_WORDS)
        >= (beginning.str.count_matches(" ", literal=True) + 1) * ENGLISH_MIN_SHARE
    )
    unclear = text.str.len_chars() >= MIN_CHARACTERS
    return (
        pl.when(english)
        .then(pl.lit("en"))
        .when(unclear)
        .then(pl.when(~english & unclear).then(text).map_elements(_identified, return_dtype=pl.String))
    )
