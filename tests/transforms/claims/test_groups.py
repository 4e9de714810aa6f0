"""Numbers of a sentence that belong together: lists, ranges and numbers that go on a list."""

import pytest


@pytest.mark.parametrize(
    ("sentence", "groups"),
    [
        ("It improves accuracy by 3.2%, 4.1% and 5% on A, B and C.", ["3.2%, 4.1%, 5%: percent change"]),
        ("It improves accuracy by 3.3 and 2.7 points.", ["3.3, 2.7: points change"]),
        ("It improves accuracy by 3.2% (absolute) and 4.1% on CIFAR.", ["3.2%, 4.1%: percent change"]),
        ("It improves accuracy by 3.2% (Absolute) and 4.1% on CIFAR.", ["3.2%, 4.1%: percent change"]),
        ("It improves accuracy by 2% to 30%.", ["2% to 30%: percent change"]),
        ("It improves accuracy by 2% to 31%.", ["2%: percent change", "31%: percent level"]),
        ("It improves accuracy by 2% and 5%.", ["2%, 5%: percent change"]),
        ("It gains 1 − 3 points.", ["1 − 3: points change"]),
        ("It reaches 70 to 80% success rates.", ["70 to 80%: percent level"]),
        ("It reaches success rates ranging from 70% to 80%.", ["70% to 80%: percent level"]),
        ("It rises from 70% to 80%.", ["70%: percent level", "80%: percent level"]),
        (
            "It rises from 75% to 79% and 79% to 83% accuracy.",
            ["75%: percent level", "79%: percent level", "79%: percent level", "83%: percent level"],
        ),
        ("It gains 3.2 absolute accuracy points on CIFAR.", ["3.2: points change"]),
        ("It gains 3.2 very absolute accuracy points on CIFAR.", ["3.2: score change"]),
        ("It gains 3.2 in accuracy and points.", ["3.2: score change"]),
        ("It is 3 times faster.", ["3: times change"]),
        ("It is faster by a factor of 3.", ["3: times change"]),
        ("It outperforms it by 3.2 BLEU on X, and 1.4 F1 on Y.", ["3.2: score change", "1.4: score change listed"]),
        (
            "It improves accuracy by 3.2% on CIFAR and 4.1% on ImageNet.",
            ["3.2%: percent change", "4.1%: percent change listed"],
        ),
        ("It improves accuracy by 3.2% on CIFAR and 41 on ImageNet.", ["3.2%: percent change"]),
        ("It achieves an accuracy of 91 on 41 datasets.", ["91: score level"]),
        ("It achieves an accuracy of 91 and reduces errors.", ["91: score level"]),
        ("It falls by 28% to 1.5%.", ["28%: percent change", "1.5%: percent level"]),
        ("It rises by 3% to 81%.", ["3%: percent change", "81%: percent level"]),
        ("It gains 9% to 9%.", ["9% to 9%: percent change"]),
        ("It improves accuracy by approximately 2% to 5%.", ["2% to 5%: percent change"]),
        ("Gains of 2.5 to 3.5% accuracy are seen.", ["2.5 to 3.5%: percent change"]),
        ("It gains 3.2% and 4.1 points.", ["3.2%: percent change", "4.1: points change listed"]),
        ("Gains of 2 to 3 are seen in 5 to 7% of accuracy.", ["2 to 3: score change", "5 to 7%: percent level"]),
        ("It reaches 2 datasets and 91.5% accuracy.", ["91.5%: percent level"]),
        ("It gains (2% to 5%) in accuracy.", ["2%: percent level", "5%: percent level"]),
        ("It ranges from 2.5 to 37.5% accuracy.", ["2.5 to 37.5%: percent level"]),
        ("It ranges from 2.5 to 38.5% accuracy.", ["2.5: score level", "38.5%: percent level"]),
        ("2.5 to 3.5% gains are seen.", ["2.5 to 3.5%: percent change"]),
        ("Gains ranging from 2.5% to 3.5% are seen.", ["2.5% to 3.5%: percent change"]),
        (
            "It gains 1% to 5% on CIFAR and 2% to 6% on ImageNet.",
            ["1% to 5%: percent change", "2% to 6%: percent change listed"],
        ),
        ("It gains 3.2% on CIFAR, rises by 1% to 5% on SQuAD.", ["3.2%: percent change", "1% to 5%: percent change"]),
        ("It improves BLEU by 3 and by 4.5 points on WMT.", ["3: score change", "4.5: points change"]),
        ("It improves BLEU by 3.5 on WMT and 4 on IWSLT.", ["3.5: score change"]),
        ("It reaches 12 errors and an accuracy of 91.5.", ["91.5: score level"]),
        ("It improves recall by 3.2% on CIFAR, with 41 layers.", ["3.2%: percent change"]),
        (
            "It improves accuracy by 3.2% while keeping 41.5% of weights on ImageNet.",
            ["3.2%: percent change", "41.5%: percent level"],
        ),
        ("It gains 2% to 3%, 4% and 5% on CIFAR.", ["2% to 3%, 4%, 5%: percent change"]),
        ("It is 3 to 5 times faster.", ["3 to 5: times change"]),
        ("It gains 4 to 4.5 points in accuracy.", ["4 to 4.5: points change"]),
        ("It gains 2 to 30 points.", ["2 to 30: points change"]),
        ("It gains (2.5% to 3.5%).", ["2.5%: percent level", "3.5%: percent level"]),
    ],
)
def test_groups(reader, sentence, groups):
    tokens = reader.lexicon.read(sentence)
    found = []
    for group in reader.groups(tokens):
        numbers = ", ".join(tokens.numbers[member].value_text for member in group.members)
        found.append(f"{numbers}: {group.unit} {group.form.kind}{' listed' if group.is_continued else ''}")
        assert not group.is_continued or group.form.confidence <= 0.75
    assert found == groups
