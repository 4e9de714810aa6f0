"""Airflow: the tasks of the DAGs, their mapped group, and how Airflow itself is started and called. It imports steps
and digest; nothing but `dags`, `operations` and `cli` imports it.
"""
