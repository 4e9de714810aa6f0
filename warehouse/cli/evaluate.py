"""Commands that score the extractors against annotated papers, and that train them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from warehouse.cli import console, options, render
from warehouse.settings import Settings

commands = typer.Typer()
evaluate_commands = typer.Typer(help="Score the extractors against annotated papers.", no_args_is_help=True)
commands.add_typer(evaluate_commands, name="evaluate", rich_help_panel=options.OPERATE)

Gold = Annotated[
    Path, typer.Option("--gold", help="The annotated papers: JSON Lines, with title and claims (or links).")
]
Folds = Annotated[
    int, typer.Option("--folds", min=1, help="Also score this number of parts of the papers, to show the variance.")
]
Split = Annotated[
    Literal["look", "tune", "test"] | None,
    typer.Option("--split", help="Only the papers of a split by a hash of the title."),
]
Errors = Annotated[bool, typer.Option("--errors", help="Print each missed answer, each surplus and each wrong field.")]


@evaluate_commands.command(
    "claims", epilog=options.example("paperhouse evaluate claims --gold tests/gold/claims.jsonl --split test")
)
def evaluate_claims(
    gold: Gold, errors: Errors = False, folds: Folds = 1, split: Split = None, as_json: options.Json = False
) -> None:
    """Run the claim extractor on the published texts of annotated papers, and score it."""
    _evaluate("claims", gold, errors, folds, split, as_json)


@evaluate_commands.command(
    "links",
    epilog=options.example("paperhouse evaluate links --gold links.jsonl --errors"),
)
def evaluate_links(
    gold: Gold, errors: Errors = False, folds: Folds = 1, split: Split = None, as_json: options.Json = False
) -> None:
    """Run the link extractor on the published texts of annotated papers, and score it."""
    _evaluate("links", gold, errors, folds, split, as_json)


@evaluate_commands.command(
    "validate",
    epilog=options.example("paperhouse evaluate validate --gold claims.jsonl"),
)
def validate_annotations(gold: Gold) -> None:
    """Validate annotated claims: their fields, and their places in the published texts; exit code 1: a problem."""
    from warehouse.evaluation.scoring import validate_gold
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        problems = validate_gold(connection, gold)
    console.print_line("\n".join(problems) or f"{gold}: no problem")
    if problems:
        raise typer.Exit(1)


@evaluate_commands.command("corrections", epilog=options.example("paperhouse evaluate corrections"))
def evaluate_corrections(as_json: options.Json = False) -> None:
    """Count what people say of the numbers that they looked at: how many are right as they were read."""
    from warehouse.evaluation.corrected import count_corrections
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        found = count_corrections(connection)
    console.print_result(found, render.print_corrections, as_json)


@evaluate_commands.command(
    "train", epilog=options.example("paperhouse evaluate train --gold claims.jsonl --out weights.csv")
)
def train_scorer(
    gold: Annotated[list[Path], typer.Option("--gold", help="Annotated papers, as for `evaluate claims`; repeatable.")],
    out: Annotated[Path, typer.Option(help="The file that the weights are written into.")],
) -> None:
    """Learn the weights that pick a claim's metric and datasets, from annotated papers; requires scikit-learn."""
    from warehouse.evaluation.training import train
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        training = train(connection, gold, out)
    shares = ", ".join(f"{model} {share:.3f}" for model, share in training.shares.items())
    count = sum(map(len, training.weights.values()))
    console.print_line(f"{training.examples} groups of numbers, {count} weights; right on tune: {shares}")


@evaluate_commands.command("results", epilog=options.example("paperhouse evaluate results --gold results.jsonl"))
def evaluate_results(
    gold: Annotated[Path, typer.Option("--gold", help="The annotated papers: JSON Lines, with arxiv_id and results.")],
    errors: Errors = False,
    as_json: options.Json = False,
) -> None:
    """Score what was read from the tables of annotated papers, as CLEF's task "SOTA?" did, and as whole results."""
    from warehouse.evaluation.results import found_results, read_annotated, score_results
    from warehouse.storage.publication import open_publication

    annotated = read_annotated([gold])
    with open_publication(Settings()) as connection:
        found = found_results(connection)
    render.print_result_scores(score_results(annotated, found), sorted(set(annotated) - set(found)), errors, as_json)


@evaluate_commands.command(
    "train-results",
    epilog=options.example("paperhouse evaluate train-results --sources eprints --gold results.jsonl --out weights"),
)
def train_linker(
    sources: Annotated[Path, typer.Option("--sources", help="The folder with the papers' e-prints, ID.gz each.")],
    gold: Annotated[
        list[Path], typer.Option("--gold", help="Annotated papers, as for `evaluate results`; repeatable.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The folder that the models are written into.")],
) -> None:
    """Learn what numbers of tables are results of, from annotated papers; requires scikit-learn. One paper of twelve is
    kept apart."""
    from transforms.results.names import load_names
    from warehouse.evaluation.linking import learn
    from warehouse.vocabularies import read_vocabulary

    vocabulary = read_vocabulary()
    families = {triple.metric: vocabulary.name_metric(triple.metric) for triple in load_names().triples}
    learned = learn(sources, gold, families, out, console.print_line)
    console.print_line(
        f"{learned.papers} papers; " + ", ".join(f"{name} {rows:,} rows" for name, rows in learned.rows.items())
    )


@evaluate_commands.command(
    "train-rows",
    epilog=options.example("paperhouse evaluate train-rows --sources eprints --gold rows.jsonl --out rows.csv"),
)
def train_judge(
    sources: Annotated[
        list[Path], typer.Option("--sources", help="A folder with the papers' e-prints, ID.gz each; repeatable.")
    ],
    gold: Annotated[Path, typer.Option("--gold", help="The judged rows: JSON Lines, with paper, row and right.")],
    out: Annotated[Path, typer.Option("--out", help="The file that the weights are written into.")],
) -> None:
    """Learn which results of tables belong on their leaderboards, from judged rows; requires scikit-learn."""
    from warehouse.evaluation.judging import learn_judge

    render.print_judged(learn_judge(sources, gold, out))


@evaluate_commands.command(
    "train-board",
    epilog=options.example("paperhouse evaluate train-board --gold board_rows.jsonl --out board_weights.csv"),
)
def train_board(
    gold: Annotated[Path, typer.Option("--gold", help="The judged rows: JSON Lines, with paper, row and right.")],
    out: Annotated[Path, typer.Option("--out", help="The file that the weights are written into.")],
) -> None:
    """Learn how sure a claim's row on a board is, from judged rows of the publication's papers; requires
    scikit-learn. Only rows of the split 'tune' count."""
    from warehouse.evaluation.boards import learn_boards
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        render.print_judged(learn_boards(connection, gold, out))


@evaluate_commands.command(
    "boards", epilog=options.example("paperhouse evaluate boards --gold tests/gold/board_rows.jsonl")
)
def evaluate_boards(
    gold: Annotated[Path, typer.Option("--gold", help="The judged rows: JSON Lines, with paper, row and right.")],
) -> None:
    """How many of the judged rows the publication's boards show as sure, and how many of these are right."""
    from warehouse.evaluation.boards import score_boards
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        render.print_board_scores(score_boards(connection, gold))


def _evaluate(kind: str, gold: Path, errors: bool, folds: int, split: str | None, as_json: bool) -> None:
    from warehouse.evaluation.scoring import evaluate
    from warehouse.storage.publication import open_publication

    with open_publication(Settings()) as connection:
        evaluation = evaluate(connection, kind, gold, folds, split)
    render.print_evaluation(evaluation, errors, as_json)
