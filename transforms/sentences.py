"""Sentences of a title or abstract, as places in it."""

import re

# A full stop, question or exclamation mark, with closing quotes or brackets, before white space and a sentence's first character.
_BREAK = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]*[A-Z0-9])")
# Abbreviations that a full stop does not end a sentence after.
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|et al|cf|v\.?s|w\.r\.t|a\.k\.a|resp|approx|Fig|Figs|Eq|Eqs|Sec|Tab|No|Dr|St)|(?:^|\s)[A-Z])\.$")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """The (start, end) of each sentence, white space between them left out.

    >>> [text[a:b] for text in ["It works, e.g. here. By 3.5%!"] for a, b in sentence_spans(text)]
    ['It works, e.g. here.', 'By 3.5%!']
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for gap in _BREAK.finditer(text):
        end = gap.start() + len(gap[0].rstrip())
        if not _ABBREVIATION.search(text, max(start, end - 12), end):
            spans.append((start, end))
            start = gap.end()
    if text[start:].strip():
        spans.append((start, len(text.rstrip())))
    return spans
