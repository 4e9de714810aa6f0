import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.text.repair import RULES, TRIGGERS, clean, repair, repair_texts

REPAIRS = {
    r"exceeding 90\%, surpassing": "exceeding 90%, surpassing",
    r"(V\&L) models": "(V&L) models",
    r"statistics (\eg, mean) and budgets, \ie the rest": "statistics (e.g., mean) and budgets, i.e. the rest",
    "up to sim30% of sim120M systems": "up to ~30% of ~120M systems",
    "speeds up by sim3x.": "speeds up by ~3x.",
    "by 3times": "by 3×",
    "CelebA 64times64, we": "CelebA 64×64, we",
    "by 4.36times, 5.46times": "by 4.36×, 5.46×",
    "below 2.2 times 10^{15} FLOPs": "below 2.2 × 10^15 FLOPs",
    "from scratchx2013even so": "from scratch–even so",
    "the ``target model'', which": 'the "target model", which',
    "strategy {D}en{o}ising {T}raining of {BERT}": "strategy Denoising Training of BERT",
    "(e.g.~RoBERTa) in Table~3": "(e.g. RoBERTa) in Table 3",
    "pre-training rightarrow adaptation": "pre-training → adaptation",
    "Certified ell_2 norm": "Certified ℓ_2 norm",
    "risk of mathcal{O}(mathcal{C_{a}/m})": "risk of O(C_{a}/m)",
    r"after Aky\"urek and Erd\H{o}s": "after Akyürek and Erdős",
    r"{\"u}ber {\'e}tudes na\"ive Fran\c{c}ois \v{S}": "über études naïve François Š",
    r"the model\'s output, don\'t": "the model's output, don't",
    "AUROC of 0.70+/-0.02": "AUROC of 0.70±0.02",
    "an assistant.Based on it": "an assistant. Based on it",
    "answering (VQA).The model, by 98%.We show": "answering (VQA). The model, by 98%. We show",
    "8{times} fewer on 256{times}256 and 512 times 512": "8× fewer on 256×256 and 512×512",
    "a $10×$ gain and $3.5%$": "a 10× gain and 3.5%",
    r"is \(2.4×\) faster at $\approx 3\times$ and $>$90\%": "is 2.4× faster at ≈ 3× and >90%",
    r"by 1.5$-$2$\times$ and $+5.2\%$": "by 1.5-2× and +5.2%",
    r"$87.3_{± 0.4}$ and 87.3\,\% of 12\,000": "87.3±0.4 and 87.3% of 12000",
    r"{\bf 87.3} and \textbf{87.3\%}": "87.3 and 87.3%",
    "by 1.7$×$ on it": "by 1.7× on it",
    "by 78%{–}95%": "by 78%–95%",
    r"an \alpha-divergence \times \leq": "an α-divergence × ≤",
    r"\textbf{bold} and \emph{stress}": "bold and stress",
}  # fmt: skip

KEPT = [
    "sometimes, similar, at times and x2 larger",
    "simple sims simulate sim and simX",
    "three times faster, 3 times faster, 10 times",
    "by 0.67~1.98 points, as small as ~1M",
    "torch.nn.Module, Node.js, U.S. and e.g. this",
    "see https://huggingface.co/a-b_c{URL}. and https://x.org/~a/3times",
    r"\unknown{macro} stays, and so does {this set}",
    "alpha and beta testing of the approach to approximate",
    "Wav2vec2.0 and GPT-3.5",
]

# Pieces that rules look for, glued at random: what breaks idempotence is found among these, not among random letters.
RESIDUE = r"""\ { } ~ sim times 30 3 % \% x2013 `` '' ' ` \"u {D} en {o} ell_2 ^{15} mathcal {O} rightarrow +/- . Based assistant
https://a.org/b \eg \' e.g. e s \alpha 10^ ) \textbf{ {\'e} \c \i""".split()
PIECES = st.sampled_from([*RESIDUE, " ", " times ", "\n", "\u0301"])


@pytest.mark.parametrize(("raw", "meant"), REPAIRS.items())
def test_residue_is_mended(raw, meant):
    assert repair(raw) == meant


@pytest.mark.parametrize("text", KEPT)
def test_plain_text_stays(text):
    assert repair(text) == text


def test_every_rule_is_shown_by_an_example():
    used = [any(pattern.search(raw) for raw in REPAIRS) for _, _, pattern, _ in RULES]
    assert [name for (name, *_), is_used in zip(RULES, used, strict=True) if not is_used] == []


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=500, deadline=None)
def test_repair_is_idempotent_on_residue(text):
    assert repair(repair(text)) == repair(text)


@given(st.text())
def test_repair_is_idempotent_on_any_text(text):
    assert repair(repair(text)) == repair(text)


@given(st.lists(PIECES, max_size=8).map("".join))
@settings(max_examples=300, deadline=None)
def test_a_text_without_a_trigger_needs_no_rule(text):
    frame = pl.DataFrame({"raw": [text]})
    assert frame.select(repair_texts("raw")).item() == repair(text)
    if repair(text) != clean(text):
        assert frame.select(pl.col("raw").map_elements(clean, return_dtype=pl.String).str.contains_any(TRIGGERS)).item()


@given(st.lists(PIECES, max_size=8).map("".join))
@settings(max_examples=300, deadline=None)
def test_a_rule_is_passed_over_only_where_it_cannot_match(text):
    for name, needs, pattern, _ in RULES:
        assert any(need in text for need in needs) or not pattern.search(text), name


def test_real_listing_is_stable(real_listing):
    for line in real_listing.read_text("utf-8").split("\n"):
        assert repair(repair(line)) == repair(line)


def test_control_and_zero_width_characters_go():
    assert clean("a\x00b\u200bc\u2028d \t e\x1b[31m") == "a b c d e [31m"


def test_nulls_stay_null():
    assert pl.DataFrame({"raw": [None, "90\\%"]}, schema={"raw": pl.String}).select(
        repair_texts("raw")
    ).to_series().to_list() == [None, "90%"]
