"""Answers in the shape of arXiv's and Hugging Face's, with papers of our own invention."""

import json
from datetime import date, timedelta

FIRST = date(2026, 3, 2)


def paper(number):
    day = FIRST + timedelta(days=number // 10)
    return {
        "id": f"2603.{number:05d}",
        "title": f"A Plain Method Number {number} for Sorting Stones",
        "day": day,
        "abstract": f"Stone {number} is sorted. It gains 3.{number}% accuracy.",
    }


def atom(numbers, total, start=0):
    entries = "".join(
        f"""<entry><id>http://arxiv.org/abs/{p["id"]}v2</id><title>{p["title"]}</title><published>{p["day"]}T08:00:00Z</published>
        <updated>{p["day"]}T09:00:00Z</updated><summary>{p["abstract"]}</summary><author><name>Ann Stone</name></author>
        <link href="https://arxiv.org/abs/{p["id"]}v2" rel="alternate"/><category term="cs.LG"/></entry>"""
        for p in map(paper, numbers)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><title>arXiv Query</title>
    <opensearch:totalResults>{total}</opensearch:totalResults><opensearch:startIndex>{start}</opensearch:startIndex>{entries}</feed>""".encode()


def oai(records, token=None, error=None):
    inside = (
        f'<error code="{error}">no</error>'
        if error
        else f"<ListRecords>{''.join(records)}{f'<resumptionToken>{token}</resumptionToken>' if token else ''}</ListRecords>"
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{inside}</OAI-PMH>'.encode()


def oai_record(number, versions=1, source_type="D", deleted=False):
    p = paper(number)
    status = ' status="deleted"' if deleted else ""
    header = (
        f"<header{status}><identifier>oai:arXiv.org:{p['id']}</identifier><datestamp>{p['day']}</datestamp></header>"
    )
    listed = "".join(
        f"""<version version="v{i}"><date>{p["day"] + timedelta(days=i - 1):%a, %d %b %Y} 10:00:00 GMT</date><size>9kb</size>
        <source_type>{source_type if i == versions else "D"}</source_type></version>"""
        for i in range(1, versions + 1)
    )
    raw = f"""<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{p["id"]}</id><submitter>Ann Stone</submitter>{listed}
    <title>{p["title"]}</title><authors>Ann Stone (Quarry U.), Ben Rock and Cleo Pebble</authors><categories>cs.LG</categories>
    <abstract>  {p["abstract"]}
    </abstract></arXivRaw></metadata>"""
    return f"<record>{header}{'' if deleted else raw}</record>"


def daily(numbers, upvotes=10):
    return json.dumps(
        [
            {
                "paper": {
                    "id": p["id"],
                    "authors": [{"_id": "x", "name": "Ann Stone", "hidden": False}],
                    "publishedAt": f"{p['day']}T00:00:00.000Z",
                    "title": p["title"],
                    "summary": p["abstract"],
                    "upvotes": upvotes,
                    "githubRepo": f"https://github.com/stones/{p['id']}",
                    "githubStars": 7,
                    "ai_keywords": ["stones"],
                    "submittedOnDailyBy": {"fullname": "Dee Curator", "name": "dee"},
                    "organization": {"name": "quarry", "fullname": "Quarry U."},
                },
                "title": p["title"],
                "publishedAt": f"{p['day']}T12:00:00.000Z",
                "numComments": 2,
            }
            for p in map(paper, numbers)
        ]
    ).encode()
