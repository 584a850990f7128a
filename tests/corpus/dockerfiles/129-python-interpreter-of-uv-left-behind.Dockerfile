FROM rust:1-bookworm AS build
COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/uv
WORKDIR /srv
COPY . .
RUN uv sync --frozen --no-dev
FROM python:3.13-slim-bookworm
COPY --from=build /srv/.venv /srv/.venv
ENTRYPOINT ["/srv/.venv/bin/ledger"]
