"""
### check_links

Once a week, asks whether links still lead somewhere: **choose → ask each group of sites → land**, then **parse →
check → load**.

- Chosen are those whose turn it is, by the days since their last check and by their importance: repositories, promised
  and official ones and those of trending papers come sooner. `PAPERHOUSE_LINK_CHECKS_PER_RUN` bounds a run.
- GitHub is asked by its REST API, without a token 50 times a run: put one into the password of the connection
  `github_default`. Any other host gets a HEAD, and a GET where it does not know that. Each site is asked once a second
  at most, and left alone as long as it says.
- A run that was killed goes on where it was. What was left is chosen first by the next one.
- It begins paused, and needs `PAPERHOUSE_CONTACT`: no host is contacted before you allow it.
- `fct_repo_link_checks` has what hosts answered, `repo_link_events` what came, is gone, returned or moved.
"""

from airflow.sdk import dag, task

from warehouse.airflow import tasks
from warehouse.airflow.dags import DAG_OPTIONS, deadline
from warehouse.airflow.pools import list_link_groups
from warehouse.airflow.task_groups import ingest


@dag(
    schedule="@weekly",
    is_paused_upon_creation=True,
    **DAG_OPTIONS,
    deadline=deadline(),
    tags=["paperhouse", "links"],
    doc_md=__doc__,
)
def check_links() -> None:
    @task
    def choose() -> int:
        return tasks.choose_links()

    def ask(group: str, pool: str):
        @task(task_id=f"ask_{group}", pool=pool)
        def ask() -> int:
            return tasks.ask_hosts(group)

        return ask()

    # What the others have answered lands whatever became of one of them.
    @task(trigger_rule="all_done")
    def land() -> list[str]:
        return tasks.land_answers()

    landed = land()
    choose() >> [ask(group, pool) for group, pool in list_link_groups().items()] >> landed
    ingest(landed)


check_links()
