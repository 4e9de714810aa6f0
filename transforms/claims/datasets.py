"""Which datasets the numbers of a sentence were measured on: names in the sentence and before it are proposed, known
ones and unknown ones by their form, and the scorer picks a list of them, or none."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from transforms.claims.groups import Group
from transforms.claims.lexicon import NAME_SHAPE, Lexicon
from transforms.claims.scorer import Choice, Gap, Option, Scorer, unit_class
from transforms.claims.tokens import Tokens
from transforms.claims.turns import Turns, join_changes, take_turns

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
_TITLE_END = re.compile(r" (?:&|and|for|in|of|on) ")
_EVALUATED = re.compile(r"\b(?:on|across|for|in|of) (?:[\w,-]{1,30} ){0,4}?[\w-]{0,30}[A-Z0-9]|benchmark|dataset")
_EVALUATION = ("evaluat", "xperiment", "test", "result", "validat", "benchmark")
_NAME_MAX_TOKENS = 4
_MEASURED_ON = ("on", "across", "in")  # prepositions
_NEAR = 50  # tokens from the number within which names are proposed
_NAME_MIN_CHARACTERS = 3
_MODEL_SIZE = re.compile(r"(?:^|[-_])\d+(?:\.\d+)?[BM](?:[-_]|$)")

# Names that stand before a sentence, by how they were found, and how many sentences before it.
Names = Mapping[str, tuple[list[str], int]]


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the sentence."""

    names: Names
    title: str
    turns: Turns  # of numbers and the sentence's names


class Datasets:
    """Proposes the datasets of numbers, and has a scorer choose."""

    def __init__(self, lexicon: Lexicon, scorer: Scorer, models: Sequence[str], fields: Sequence[str]) -> None:
        self._scorer = scorer
        self._gap = Gap(lexicon)
        self._prepositions = lexicon.tags("on", "in", "across", "for", "of", "to", "with", "from", "at", "by")
        self._acts = lexicon.tags("beat_verb", "report_verb", "up_verb", "down_verb", "reach")
        self._known = lexicon.tags("dataset")
        self._names = lexicon.tags("name")
        self._named_datasets = lexicon.tags("name", "dataset")
        self._named = lexicon.tags("name", "field", "figure")
        self._glue = lexicon.tags("comma", "and", "or", "slash")
        self._dataset_word = lexicon.tags("dataset_word")
        self._evaluation_word = lexicon.tags("evaluation_word")
        self._plain = lexicon.tags("word", "fill")
        self._models = lexicon.tags("model_word", "model")
        self._on = lexicon.tags("on", "across")
        self._open = lexicon.tags("open")
        self._to = lexicon.tags("to")
        self._close = lexicon.tags("close")
        self._aside = re.compile(
            f"{lexicon.one_of('open')}{lexicon.one_of('name', 'dataset')}{lexicon.one_of('close')}"
        )
        self._stops = lexicon.tags(
            "number", "clause_end", "comma", "compared", "beat_verb", "report_verb", "up_verb", "down_verb"
        )
        self._links = {
            tag: word
            for word in ("on", "in", "across", "for", "of", "to", "with", "from", "compared", "by", "at", "using")
            for tag in lexicon.tags(word)
        }
        self._starts = self._prepositions | self._acts | self._open | lexicon.tags("comma", "and", "dataset_word")
        self._clause_end = lexicon.tags("clause_end")
        self._train = lexicon.tags("train_verb")
        self._introduce = lexicon.tags("introduce")
        self._amounts = lexicon.tags("amount", "points_word")
        self._list_end = lexicon.tags("comma", "and", "close", "clause_end", "dataset_word")
        self._families = tuple(models)
        self._fields = frozenset(fields)
        self._plurals = lexicon.tags("dataset_plural")

    def choices(
        self, tokens: Tokens, groups: Sequence[Group], title: str, find_names: Callable[[], Names]
    ) -> list[Choice[list[str]]]:
        """For each group, its options and the one that the scorer picks: a list of names, as written, a number.

        find_names: finds what stands before the sentence; asked only where the sentence itself names no dataset.
        """
        strict = self._runs(tokens)
        taken = {i for run in strict for first, last in run for i in range(first, last + 1)}
        loose = self._loose_runs(tokens, taken)
        runs = [*((run, True) for run in strict), *((run, False) for run in loose)]
        turns = self._take_turns(tokens, groups, strict, loose)
        context = Context({} if strict else find_names(), title, turns)
        return [self._choose(tokens, groups, k, runs, context) for k in range(len(groups))]

    def _take_turns(
        self, tokens: Tokens, groups: Sequence[Group], strict: Sequence[Run], loose: Sequence[Run]
    ) -> Turns:
        """Of numbers and names, those that rules take for datasets, else with the others too where they stand behind
        their numbers, or before them in brackets: "FUNSD (0.78 to 0.84), CORD (0.94 to 0.96)"."""
        numbers = join_changes(tokens, groups, self._to)
        known = take_turns(numbers, [(run[0][0], run[-1][1]) for run in strict])
        if known.is_strict:
            return known
        more = sorted((run[0][0], run[-1][1]) for run in (*strict, *loose))
        asides = {number: name for name in more for number in numbers if self._is_aside(tokens, number[0], name[1])}
        if len(set(asides.values())) > 1:
            return Turns("before", asides)
        found = take_turns(numbers, more)
        if found.is_strict and found.side == "behind":
            return found
        if known.names:
            return known
        behind = [name for name in more if name > numbers[0] and self._preposition(tokens, name[0]) in _MEASURED_ON]
        measured = [number for number in numbers if behind and number < behind[-1]]  # "…, and it is 10x faster"
        return take_turns(measured, behind)

    def _choose(
        self, tokens: Tokens, groups: Sequence[Group], k: int, runs: Sequence[tuple[Run, bool]], context: Context
    ) -> Choice[list[str]]:
        group = groups[k]
        measured = f"{group.form.kind}:{unit_class(group.unit)}"
        options = [
            Option(
                self._dealt(tokens, groups, k, run),
                run[0][0],
                [*self._of_run(tokens, groups, k, run, is_strict, context), measured],
            )
            for run, is_strict in runs
            if -_NEAR < run[0][0] - group.first < _NEAR
        ]
        for way, (names, distance) in context.names.items():
            features = [
                *("context", f"context:{way}", f"context:{way}:{group.form.kind}", f"context:{way}:{measured}"),
                f"context:{way}:{min(distance, 4)}",
                f"context:{way}:{'runs' if runs else 'alone'}",
                *(["context:titled"] if context.title and any(name in context.title for name in names) else []),
            ]
            options.append(Option([list(names) for _ in group.members], None, features))
        nothing = ["none", f"none:{measured}", f"none:{'runs' if runs else 'alone'}"]
        nothing.append(f"none:{'context' if context.names else 'nothing'}")
        options.append(Option([[] for _ in group.members], None, nothing))
        return self._scorer.choose("datasets", options)

    def _of_run(
        self, tokens: Tokens, groups: Sequence[Group], k: int, run: Run, is_strict: bool, context: Context
    ) -> list[str]:
        group, (first, last), title = groups[k], (run[0][0], run[-1][1]), context.title
        if first <= group.last and last >= group.first:
            return ["around"]
        found = self._gap.features(tokens, groups, k, first, last)
        side, following = found[0], tokens.tags[last + 1 : last + 2]
        preposition = self._preposition(tokens, first)
        link = self._link(tokens, group, first, last, preposition)
        shape = "known" if tokens.tags[last] in self._known else "strict" if is_strict else "loose"
        is_named = following in self._dataset_word
        found += [shape, f"{shape}:{side}", f"{shape}:{is_named}", link, f"{shape}:{link}"]
        found += [f"prep_{preposition}:{side}", f"{link}:{'listed' if group.is_continued else 'first'}"]
        text = tokens.text(*run[-1])
        is_benchmark = any(word in title.lower() for word in _INTRODUCTION[0])
        holds = {
            "benchmark_name": _BENCHMARK_NAME.match(text),
            "before_dataset_word": is_named,
            "after_dataset_word": first and tokens.tags[first - 1] in self._dataset_word,
            "acts": following in self._acts,
            "trained": not self._train.isdisjoint(tokens.tags[max(0, first - 4) : first]),
            "in_title_of_benchmark": text in title and is_benchmark,
            "in_title": text in title and not is_benchmark,
            f"list:{side}": len(run) > 1,
            "aligned": len(run) > 1 and len(run) == len(group.members),
            "next_behind": first > group.last and not (k + 1 < len(groups) and groups[k + 1].first < first),
        }
        own = context.turns.name_of((group.first, group.last))
        turn = context.turns.features(own == (first, last)) if own else []
        return [*found, *turn, *(name for name, is_held in holds.items() if is_held)]

    def _link(self, tokens: Tokens, group: Group, first: int, last: int, preposition: str) -> str:
        """How closely a name is linked to the number."""
        if self._is_aside(tokens, group.first, last):
            return "aside"
        if first > group.last and preposition in ("on", "across", "in") and self._is_free(tokens, group.last, first):
            return f"linked_{preposition}"
        return "adjacent" if last + 1 == group.first else "apart"

    def _preposition(self, tokens: Tokens, first: int) -> str:
        """The preposition before a name, over the words between: "on the challenging X"."""
        for i in range(first - 1, max(-1, first - 5), -1):
            if word := self._links.get(tokens.tags[i]):
                return word
            if tokens.tags[i] not in self._plain and tokens.tags[i] not in self._dataset_word:
                break
        return "none"

    def _is_free(self, tokens: Tokens, last: int, first: int) -> bool:
        """Whether no other number and no end of a clause stands between the number and the name."""
        return self._stops.isdisjoint(tokens.tags[last + 1 : first])

    def _is_aside(self, tokens: Tokens, first: int, last: int) -> bool:
        """Whether the number stands in a bracket right behind the name: "GLUE (from 80% to 82%)"."""
        opened = last + 1
        if tokens.tags[opened : opened + 1] not in self._open or opened >= first:
            return False
        return self._close.isdisjoint(tokens.tags[opened + 1 : first])

    def _loose_runs(self, tokens: Tokens, taken: set[int]) -> list[Run]:
        """Names that no rule takes for datasets, but that stand behind a preposition or in a list: "Brick World"."""
        names: Run = []
        i = 0
        while i < len(tokens):
            if i in taken or tokens.tags[i] not in self._names:
                i += 1
                continue
            first = i
            while i + 1 < len(tokens) and i + 1 not in taken and tokens.tags[i + 1] in self._named:
                i += 1
            text = tokens.text(first, i)
            if i - first < _NAME_MAX_TOKENS and not self._is_something_else(text):
                names.append((first, i))
            i += 1
        runs: list[Run] = []
        for name in names:
            before = tokens.tags[max(0, name[0] - 3) : name[0]]
            if runs and self._follows(tokens, runs[-1][-1][1], name[0]):
                runs[-1].append(name)
            elif not before or not self._starts.isdisjoint(before):
                runs.append([name])
        return runs

    def named(self, tokens: Tokens) -> list[str]:
        """The datasets that a sentence speaks of last, but not as what something was trained on."""
        runs = self._runs(tokens)
        return self._texts(tokens, runs[-1]) if runs else []

    def may_introduce(self, text: str) -> bool:
        """Whether a text holds what every sentence that introduces a dataset holds: cheaper than to read it."""
        return all(any(word in text for word in words) for words in _INTRODUCTION)

    def introduced(self, tokens: Tokens) -> list[str]:
        """The dataset that a sentence introduces: "we present X, a benchmark for …"."""
        for i, tag in enumerate(tokens.tags):
            if tag in self._introduce:
                name = next(
                    (j for j in range(i + 1, min(i + 6, len(tokens))) if tokens.tags[j] in self._named_datasets), None
                )
                following = tokens.tags[i + 1 : i + 12]
                if (
                    name is not None
                    and any(tag in self._evaluation_word for tag in following)
                    and not self._ends(tokens, i, name)
                ):
                    return [self._whole_name(tokens, name)]
        return []

    def titled(self, title: str) -> list[str]:
        """The benchmark that a title begins with: "NewBench: A Benchmark for …"; what has no name's shape is none: "On
        Measuring: A Benchmark for …"."""
        name, colon, rest = title.partition(":")
        name = _TITLE_END.split(name)[0]
        is_introduced = bool(colon) and any(word in rest.lower() for word in _INTRODUCTION[0])
        is_name = len(name.split()) <= _NAME_MAX_TOKENS and any(map(NAME_SHAPE.match, name.split()))
        return [name] if is_introduced and is_name else []

    def may_evaluate(self, text: str) -> bool:
        """Whether a text holds what every sentence that names what it was evaluated on holds."""
        return any(word in text for word in _EVALUATION) and bool(_EVALUATED.search(text))

    def _whole_name(self, tokens: Tokens, first: int) -> str:
        last = first
        while last + 1 < len(tokens) and tokens.tags[last + 1] in self._names:
            last += 1
        return tokens.text(first, last)

    def _runs(self, tokens: Tokens) -> list[Run]:
        runs: list[Run] = []
        for i, tag in enumerate(tokens.tags):
            if tag not in self._named_datasets or (runs and self._is_alias(tokens, runs[-1][-1][1], i)):
                continue
            is_next = bool(runs) and self._follows(tokens, runs[-1][-1][1], i)
            if not self._is_dataset(tokens, i, is_next) or self._is_trained_on(tokens, i):
                continue
            if is_next:
                runs[-1].append((i, i))
            else:
                runs.append([(self._begins(tokens, i), i)])
        return [[*self._listed_before(tokens, run), *run] for run in runs]

    def _is_alias(self, tokens: Tokens, last: int, i: int) -> bool:
        """Whether a name stands in brackets right behind another, which ends at `last`: "Penn Treebank (PTB)"."""
        return i == last + 2 and tokens.tags[last + 1] in self._open and tokens.tags[i + 1 : i + 2] in self._close

    def _listed_before(self, tokens: Tokens, known: Run) -> Run:
        """As in "AE-Pub, Ecommerce5PT and X datasets": the names that a list joins to the one that the plural
        follows."""
        run: Run = []
        start, end = known[0][0], known[-1][1]
        if tokens.tags[end + 1 : end + 2] in self._plurals:
            while start > 1 and tokens.tags[start - 1] in self._glue and tokens.tags[start - 2] in self._names:
                start -= 2
                run.insert(0, (start, start))
        return run

    def _begins(self, tokens: Tokens, i: int) -> int:
        """Where the name begins that ends at i: names of several words are known by the word behind them only."""
        start = i
        if tokens.tags[i + 1 : i + 2] in self._dataset_word:
            while start > 1 and tokens.tags[start - 1] in self._named and i - start < _NAME_MAX_TOKENS:
                start -= 1
        return start

    def _is_trained_on(self, tokens: Tokens, i: int) -> bool:
        return i > 1 and tokens.tags[i - 1] in self._on and tokens.tags[i - 2] in self._train

    def _follows(self, tokens: Tokens, left: int, right: int) -> bool:
        aside = self._aside.match(tokens.tags, left + 1, right)  # "Penn Treebank (PTB) and WikiText"
        start = aside.end() if aside else left + 1
        between = [tag for tag in tokens.tags[start:right] if tag not in self._dataset_word]
        return 0 < len(between) <= 3 and all(tag in self._glue for tag in between)

    def _is_dataset(self, tokens: Tokens, i: int, is_next: bool) -> bool:
        if tokens.tags[i] in self._known:
            return True
        if tokens.tags[i] not in self._names:
            return False
        text, following = tokens.text(i), tokens.tags[i + 1 : i + 3]
        if following[:1] in self._models or text[0].islower() or self._is_something_else(text):
            return False
        if _BENCHMARK_NAME.match(text) or following[:1] in self._dataset_word:
            return True
        if len(following) == 2 and following[0] in self._plain and following[1] in self._dataset_word:
            return True
        is_typed = any(c.isupper() for c in text[1:])
        if is_next:
            return is_typed and (not following or following[0] in self._list_end)
        return is_typed and self._is_measured_on(tokens, i)

    def _is_something_else(self, text: str) -> bool:
        """Too short for a dataset's name, a model, or what begins with a field, a language, a chip."""
        return len(text) < _NAME_MIN_CHARACTERS or self._is_model(text) or text.split("-")[0] in self._fields

    def _is_model(self, text: str) -> bool:
        return _MODEL_SIZE.search(text) is not None or text.startswith(self._families)

    def _is_measured_on(self, tokens: Tokens, i: int) -> bool:
        """As in "87.04 on X", "16 points on X": a name right behind a number and "on"."""
        return tokens.tags[i - 1 : i] in self._on and any(
            tag in self._amounts for tag in tokens.tags[max(0, i - 4) : i - 1]
        )

    def _ends(self, tokens: Tokens, start: int, end: int) -> bool:
        return any(tag in self._clause_end for tag in tokens.tags[start:end])

    def _dealt(self, tokens: Tokens, groups: Sequence[Group], k: int, run: Run) -> list[list[str]]:
        """One dataset a list of numbers ("13.1/5.4 and 9.6/1.5 on A and B") or a number, where both lists are as long,
        else all for each."""
        names, members = self._texts(tokens, run), groups[k].members
        lists = self._lists_with(tokens, groups, k)
        if len(names) == len(lists) and len(names) > 1 and len(members) > 1:
            return [[names[lists.index(k)]] for _ in members]
        if len(names) > 1 and len(names) == len(members):
            return [[name] for name in names]
        return [list(dict.fromkeys(names)) for _ in members]

    def _lists_with(self, tokens: Tokens, groups: Sequence[Group], k: int) -> range:
        """The lists of numbers that stand side by side, as long as each other, k among them."""

        def is_joined(i: int) -> bool:
            left, right = groups[i - 1 : i + 1]
            return len(left.members) == len(right.members) and self._glue.issuperset(
                tokens.tags[left.last + 1 : right.first]
            )

        first, last = k, k + 1
        while first and is_joined(first):
            first -= 1
        while last < len(groups) and is_joined(last):
            last += 1
        return range(first, last)

    def _texts(self, tokens: Tokens, run: Run) -> list[str]:
        return [tokens.text(first, last) for first, last in run]
