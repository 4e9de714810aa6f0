# One image for every service of docker-compose.yml: the locked environment, run as a user without rights.
FROM python:3.11.14-slim-bookworm

RUN useradd --create-home --uid 10001 paperhouse && mkdir /var/paperhouse && chown paperhouse /var/paperhouse
WORKDIR /opt/paperhouse
RUN pip install --no-cache-dir uv==0.13.8
COPY pyproject.toml uv.lock README.md LICENSE ./
COPY transforms transforms
COPY warehouse warehouse
COPY expectations expectations
COPY dbt_project dbt_project
COPY dags dags
RUN uv sync --locked --no-dev --extra postgres --extra cluster --compile-bytecode
ENV PATH="/opt/paperhouse/.venv/bin:$PATH" PAPERHOUSE_HOME=/var/paperhouse
USER paperhouse
