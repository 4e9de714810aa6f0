import pytest

from warehouse.errors import UsageError
from warehouse.readers.explain import explain_claim
from warehouse.storage.publication import open_publication


def test_every_published_claim_is_explained_by_its_own_form(built):
    with open_publication(built[0]) as connection:
        ids = [
            row[0]
            for row in connection.execute(
                "select claim_id from fct_claimed_metrics order by claim_id limit 12"
            ).fetchall()
        ]
        for claim_id in ids:
            explained = explain_claim(connection, claim_id)
            assert explained["form"]["form"] == explained["rule"].split("+")[0]
            assert explained["value_text"] in [number["text"] for number in explained["candidates"]]
            assert "".join("".join(token["text"] for token in explained["tokens"]).split()) == "".join(
                explained["evidence"].split()
            )


@pytest.mark.parametrize("claim_id", ["", "no such id"])
def test_an_unknown_claim_is_wrong_use(built, claim_id):
    with open_publication(built[0]) as connection, pytest.raises(UsageError, match="claim"):
        explain_claim(connection, claim_id)
