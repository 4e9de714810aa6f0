"""Which datasets the numbers of a sentence were measured on: known names, and unknown ones by their form."""

import re
from collections.abc import Sequence

from transforms.claims.groups import Group
from transforms.claims.reading import Lexicon, Reading

Name = tuple[int, int]  # first and last token of a dataset's name
Run = list[Name]  # datasets that a list joins

# Names that end like those of benchmarks.
_BENCHMARK_NAME = re.compile(r".+(?:Bench|bench|QA|Eval|Arena|-Bench-\w+)(?:[-_]?(?:v?\d[\w.]*|[A-Z]\w*))?$")
# Parts of the words that every sentence that introduces a dataset holds: one of each line.
_INTRODUCTION = (
    ("dataset", "benchmark", "corp", "testbed", "database", "leaderboard"),
    (
        "introduc",
        "present",
        "propos",
        "releas",
        "collect",
        "construct",
        "develop",
        "creat",
        "contribut",
        "buil",
        "curat",
        "call",
        "nam",
    ),
)
_NAME_MAX_TOKENS = 4
_NAME_MIN_CHARACTERS = 3
_NEXT_WITHIN = (
    4  # tokens between numbers that share what stands behind the second: "84.4% top-1 / 97.1% top-5 accuracy on X"
)
_MODEL_SIZE = re.compile(r"(?:^|[-_])\d+(?:\.\d+)?[BM](?:[-_]|$)")


class Datasets:
    """Finds them with one lexicon."""

    def __init__(self, lexicon: Lexicon, models: Sequence[str], fields: Sequence[str]) -> None:
        self._lexicon = lexicon

        self._known = lexicon.tags("dataset")
        self._names = lexicon.tags("name")
        self._named_datasets = lexicon.tags("name", "dataset")
        self._named = lexicon.tags("name", "field", "figure")
        self._glue = lexicon.tags("comma", "and", "or", "slash")
        self._dataset_word = lexicon.tags("dataset_word")
        self._evaluation_word = lexicon.tags("evaluation_word")
        self._verbs = lexicon.tags("up_verb", "down_verb")
        self._plain = lexicon.tags("word", "fill")
        self._models = lexicon.tags("model_word", "model")
        self._on = lexicon.tags("on", "across")
        self._open = lexicon.tags("open")
        self._clause_end = lexicon.tags("clause_end")
        self._train = lexicon.tags("train_verb")
        self._introduce = lexicon.tags("introduce")
        self._amounts = lexicon.tags("amount", "points_word")
        self._list_end = lexicon.tags("comma", "and", "close", "clause_end", "dataset_word")
        self._families = tuple(models)
        self._fields = frozenset(fields)
        self._plurals = lexicon.tags("dataset_plural")

    def of_groups(self, reading: Reading, groups: Sequence[Group]) -> list[list[list[str]]]:
        """For each group, for each of its numbers, the datasets as they are written."""
        runs = self._runs(reading)
        if not runs:
            return [[[] for _ in group.members] for group in groups]
        starts = [group.first for group in groups]
        own = [
            self._own(
                reading,
                group,
                runs,
                groups[k - 1].last if k else -1,
                starts[k + 1] if k + 1 < len(groups) else len(reading),
            )
            for k, group in enumerate(groups)
        ]
        self._share(groups, own, [run for run in runs if run[0][0] < starts[0]])
        return [self._dealt(reading, group, run) for group, run in zip(groups, own, strict=True)]

    def named(self, reading: Reading) -> list[str]:
        """The datasets that a sentence speaks of last, but not as what something was trained on."""
        runs = self._runs(reading)
        return self._texts(reading, runs[-1]) if runs else []

    def may_introduce(self, text: str) -> bool:
        """Whether a text holds what every sentence that introduces a dataset holds: cheaper than to read it."""
        return all(any(word in text for word in words) for words in _INTRODUCTION)

    def introduced(self, sentence: str) -> list[str]:
        """The dataset that a sentence introduces: "we present X, a benchmark for …"."""
        if not self.may_introduce(sentence):
            return []
        reading = self._lexicon.read(sentence)
        for i, tag in enumerate(reading.tags):
            if tag in self._introduce:
                name = next(
                    (j for j in range(i + 1, min(i + 6, len(reading))) if reading.tags[j] in self._named_datasets), None
                )
                following = reading.tags[i + 1 : i + 12]
                if (
                    name is not None
                    and any(tag in self._evaluation_word for tag in following)
                    and not self._ends(reading, i, name)
                ):
                    return [self._whole_name(reading, name)]
        return []

    def _whole_name(self, reading: Reading, first: int) -> str:
        last = first
        while last + 1 < len(reading) and reading.tags[last + 1] in self._names:
            last += 1
        return reading.text(first, last)

    def _runs(self, reading: Reading) -> list[Run]:
        runs: list[Run] = []
        for i, tag in enumerate(reading.tags):
            if tag not in self._named_datasets:
                continue
            is_next = bool(runs) and self._follows(reading, runs[-1][-1][1], i)
            if not self._is_dataset(reading, i, is_next) or self._is_trained_on(reading, i):
                continue
            if is_next:
                runs[-1].append((i, i))
            else:
                runs.append([(self._begins(reading, i), i)])
        return [[*self._listed_before(reading, run), *run] for run in runs]

    def _listed_before(self, reading: Reading, known: Run) -> Run:
        """As in "AE-Pub, Ecommerce5PT and X datasets": the names that a list joins to the one that the plural
        follows."""
        run: Run = []
        start, end = known[0][0], known[-1][1]
        if reading.tags[end + 1 : end + 2] in self._plurals:
            while start > 1 and reading.tags[start - 1] in self._glue and reading.tags[start - 2] in self._names:
                start -= 2
                run.insert(0, (start, start))
        return run

    def _begins(self, reading: Reading, i: int) -> int:
        """Where the name begins that ends at i: names of several words are known by the word behind them only."""
        start = i
        if reading.tags[i] in self._names and reading.tags[i + 1 : i + 2] in self._dataset_word:
            while start > 1 and reading.tags[start - 1] in self._named and i - start < _NAME_MAX_TOKENS:
                start -= 1
        return start

    def _is_trained_on(self, reading: Reading, i: int) -> bool:
        return i > 1 and reading.tags[i - 1] in self._on and reading.tags[i - 2] in self._train

    def _follows(self, reading: Reading, left: int, right: int) -> bool:
        between = [tag for tag in reading.tags[left + 1 : right] if tag not in self._dataset_word]
        return 0 < len(between) <= 3 and all(tag in self._glue for tag in between)

    def _is_dataset(self, reading: Reading, i: int, is_next: bool) -> bool:
        if reading.tags[i] in self._known:
            return True
        if reading.tags[i] not in self._names:
            return False
        text, following = reading.text(i), reading.tags[i + 1 : i + 3]
        if (
            following[:1] in self._models
            or len(text) < _NAME_MIN_CHARACTERS
            or self._is_model(text)
            or text[0].islower()
            or text.split("-")[0] in self._fields
        ):
            return False
        if _BENCHMARK_NAME.match(text) or following[:1] in self._dataset_word:
            return True
        if len(following) == 2 and following[0] in self._plain and following[1] in self._dataset_word:
            return True
        is_typed = any(c.isupper() for c in text[1:])
        if is_next:
            return is_typed and (not following or following[0] in self._list_end)
        return is_typed and self._is_measured_on(reading, i)

    def _is_model(self, text: str) -> bool:
        return _MODEL_SIZE.search(text) is not None or text.startswith(self._families)

    def _is_measured_on(self, reading: Reading, i: int) -> bool:
        """As in "87.04 on X", "16 points on X": a name right behind a number and "on"."""
        return reading.tags[i - 1 : i] in self._on and any(
            tag in self._amounts for tag in reading.tags[max(0, i - 4) : i - 1]
        )

    def _own(self, reading: Reading, group: Group, runs: list[Run], previous: int, following: int) -> Run | None:
        """The run that stands with the group: right before a bracket, behind it up to the next number, or before it in
        its clause."""
        opened = group.first - 1
        if opened >= 0 and reading.tags[opened] in self._open:
            for run in runs:
                if run[-1][1] == opened - 1:
                    return run if len(run) == len(group.members) else [run[-1]]
        behind = [
            run for run in runs if group.last < run[0][0] < following and not self._ends(reading, group.last, run[0][0])
        ]
        if behind:
            return behind[0]
        before = [
            run
            for run in runs
            if previous < run[0][0] < group.first and not self._ends(reading, run[0][0], group.first)
        ]
        if previous >= 0:  # else it may be where another number was measured
            before = [
                run for run in before if not any(tag in self._verbs for tag in reading.tags[run[-1][1] : group.first])
            ]
        return before[-1] if before and not group.is_continued else None

    def _ends(self, reading: Reading, start: int, end: int) -> bool:
        return any(tag in self._clause_end for tag in reading.tags[start:end])

    def _share(self, groups: Sequence[Group], own: list[Run | None], leading: list[Run]) -> None:
        """Numbers that go on a list without a dataset of their own take the next one's; others what leads the
        sentence."""
        for k in reversed(range(len(groups) - 1)):
            if own[k] is None and (groups[k + 1].is_continued or groups[k + 1].first - groups[k].last <= _NEXT_WITHIN):
                own[k] = own[k + 1]
        for k in range(len(groups)):
            if own[k] is None:
                own[k] = (own[k - 1] if k and groups[k].is_continued else None) or (leading[-1] if leading else None)

    def _dealt(self, reading: Reading, group: Group, run: Run | None) -> list[list[str]]:
        """One dataset a number where both lists are as long, else all for each."""
        names = self._texts(reading, run or [])
        if len(names) > 1 and len(names) == len(group.members):
            return [[name] for name in names]
        return [list(dict.fromkeys(names)) for _ in group.members]

    def _texts(self, reading: Reading, run: Run) -> list[str]:
        return [reading.text(first, last) for first, last in run]
