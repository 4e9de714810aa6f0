"""Which datasets the numbers of a sentence were measured on: known names, and unknown ones by their form."""

import re
from collections.abc import Sequence

from transforms.claims.attributes import Group
from transforms.claims.reading import Lexicon, Reading

Run = list[int]  # token indices of datasets that a list joins

# Names that end like those of benchmarks.
_BENCHMARK_NAME = re.compile(r".+(?:Bench|bench|QA|Eval|Arena|-Bench-\w+)(?:[-_]?(?:v?\d[\w.]*|[A-Z]\w*))?$")
_MODEL_SIZE = re.compile(r"(?:^|[-_])\d+(?:\.\d+)?[BM](?:[-_]|$)")


class Datasets:
    """Finds them with one lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        def letters(*classes: str) -> frozenset[str]:
            return frozenset(lexicon.letters_of(classes))

        self._known = letters("dataset")
        self._names = letters("name")
        self._glue = letters("comma", "and", "or", "slash")
        self._dataset_word = letters("dataset_word")
        self._plain = letters("word", "fill")
        self._models = letters("model_word", "model")
        self._on = letters("on", "across", "over", "for")
        self._open = letters("open")
        self._clause_end = letters("clause_end")
        self._compared = letters("compared")

    def of_groups(self, reading: Reading, groups: Sequence[Group]) -> list[list[list[str]]]:
        """For each group, for each of its numbers, the datasets as they are written."""
        runs = self._runs(reading)
        if not runs:
            return [[[] for _ in group.members] for group in groups]
        starts = [group.first for group in groups]
        own = [
            self._own(reading, group, runs, groups[k - 1].last if k else -1, starts[k + 1] if k + 1 < len(groups) else len(reading.tags))
            for k, group in enumerate(groups)
        ]
        self._share(groups, own, [run for run in runs if run[0] < starts[0]])
        return [self._dealt(reading, group, run) for group, run in zip(groups, own, strict=True)]

    def _runs(self, reading: Reading) -> list[Run]:
        runs: list[Run] = []
        for i in range(len(reading.tags)):
            if not self._is_dataset(reading, i, after_dataset=bool(runs) and self._follows(reading, runs[-1][-1], i)):
                continue
            if runs and self._follows(reading, runs[-1][-1], i):
                runs[-1].append(i)
            else:
                runs.append([i])
        return runs

    def _follows(self, reading: Reading, left: int, right: int) -> bool:
        between = [tag for tag in reading.tags[left + 1 : right] if tag not in self._dataset_word]
        return 0 < len(between) <= 3 and all(tag in self._glue for tag in between)

    def _is_dataset(self, reading: Reading, i: int, after_dataset: bool) -> bool:
        if reading.tags[i] in self._known:
            return True
        if reading.tags[i] not in self._names:
            return False
        text, following = reading.tokens[i].text, reading.tags[i + 1 : i + 3]
        if following[:1] in self._models or _MODEL_SIZE.search(text):
            return False
        if _BENCHMARK_NAME.match(text) or following[:1] in self._dataset_word:
            return True
        if len(following) == 2 and following[0] in self._plain and following[1] in self._dataset_word:
            return True
        return after_dataset and any(c.isupper() for c in text[1:])

    def _own(self, reading: Reading, group: Group, runs: list[Run], previous: int, following: int) -> Run | None:
        """The run that stands with the group: right before a bracket, behind it up to the next number, or before it in its clause."""
        opened = group.first - 1
        if opened >= 0 and reading.tags[opened] in self._open:
            for run in runs:
                if run[-1] == opened - 1:
                    return [run[-1]]
        behind = [run for run in runs if group.last < run[0] < following and not self._is_next_clause(reading, group.last, run[0])]
        if behind:
            return behind[0]
        before = [run for run in runs if previous < run[0] < group.first and not self._ends(reading, run[0], group.first)]
        return before[-1] if before and not group.is_continued else None

    def _ends(self, reading: Reading, start: int, end: int) -> bool:
        return any(tag in self._clause_end for tag in reading.tags[start:end])

    def _is_next_clause(self, reading: Reading, start: int, end: int) -> bool:
        return self._ends(reading, start, end)

    def _share(self, groups: Sequence[Group], own: list[Run | None], leading: list[Run]) -> None:
        """Numbers that go on a list without a dataset of their own take the next one's; others what leads the sentence."""
        for k in reversed(range(len(groups) - 1)):
            if own[k] is None and groups[k + 1].is_continued:
                own[k] = own[k + 1]
        for k in range(len(groups)):
            if own[k] is None:
                own[k] = (own[k - 1] if k and groups[k].is_continued else None) or (leading[-1] if leading else None)

    def _dealt(self, reading: Reading, group: Group, run: Run | None) -> list[list[str]]:
        """One dataset a number where both lists are as long, else all for each."""
        names = [reading.tokens[i].text for i in run or []]
        if len(names) > 1 and len(names) == len(group.members):
            return [[name] for name in names]
        return [list(dict.fromkeys(names)) for _ in group.members]
