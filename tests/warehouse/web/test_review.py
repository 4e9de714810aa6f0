"""/review: only with the token, only from the site itself, and by keyboard."""

import yaml
from fastapi.testclient import TestClient

from tests.browser import NEEDS_CHROMIUM, SCREENSHOTS, chromium
from warehouse.web.app import create_app

TOKEN = "a-token-of-the-test"  # noqa: S105


def client_of(settings, token=TOKEN):
    return TestClient(create_app(settings, edit_token=token), base_url="http://127.0.0.1")


def answers(settings):
    files = sorted((settings.inbox / "corrections").glob("*.yml"))
    return [each for file in files for each in yaml.safe_load(file.read_text("utf-8"))]


def item_of(page):
    return page.split('name="item_id" value="')[1].split('"')[0]


def test_without_the_switch_there_is_no_such_page(site):
    assert site.get("/review").status_code == 404
    assert site.post("/review", data={}).status_code in (404, 405)


def test_who_has_no_token_neither_reads_nor_answers(warehouse_copy):
    with client_of(warehouse_copy) as client:
        assert client.get("/review").status_code == 403
        assert client.get("/review?token=guessed").status_code == 403
        page = client.get(f"/review?token={TOKEN}")
        assert page.status_code == 200
        cookie = client.cookies["paperhouse_review"]
        form = {"item_id": item_of(page.text), "verdict": "right", "author": "Ada"}
        assert client.post("/review", data=form).status_code == 422  # as another site would: it has no token
        assert client.post("/review", data=form | {"token": "guessed"}).status_code == 403
        client.cookies.clear()
        assert client.post("/review", data=form | {"token": TOKEN}).status_code == 403
        assert cookie == TOKEN
    assert answers(warehouse_copy) == []


def test_an_answer_is_a_correction_and_the_next_row_comes(warehouse_copy):
    with client_of(warehouse_copy) as client:
        first = client.get(f"/review?token={TOKEN}").text
        form = {"token": TOKEN, "item_id": item_of(first), "author": "Ada"}
        nameless = client.post("/review", data=form | {"verdict": "right", "author": ""})
        assert (nameless.status_code, "no author" in nameless.text) == (422, True)
        for wrong in ({"value": "lots"}, {"subject": "mine"}):
            assert client.post("/review", data=form | {"verdict": "changed"} | wrong).status_code == 422
        form["author"] = "Łukasz 李"
        second = client.post("/review", data=form | {"verdict": "wrong", "reason": "It is a gain."}).text
        assert 'value="Łukasz 李"' in second
        assert item_of(second) != item_of(first)
        assert client.post("/review", data=form | {"verdict": "right"}).status_code == 404
    (answer,) = answers(warehouse_copy)
    assert (answer["verdict"], answer["author"], answer["reason"]) == ("wrong", "Łukasz 李", "It is a gain.")


@NEEDS_CHROMIUM
def test_rows_are_answered_by_keyboard(serve, warehouse_copy):
    client = serve(warehouse_copy, options=("--edit",))
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(client.review)
        page.locator("#author").fill("Ada")
        page.screenshot(path=SCREENSHOTS / "review.png")
        page.locator("h1").click()
        first = page.locator("input[name=item_id]").get_attribute("value")
        page.keyboard.press("r")
        page.wait_for_function(f"document.querySelector('input[name=item_id]')?.value !== '{first}'")
        assert page.locator("#author").input_value() == "Ada"
        page.keyboard.press("s")
        page.wait_for_load_state()
    assert [each["verdict"] for each in answers(warehouse_copy)] == ["right"]
