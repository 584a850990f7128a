FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/uv
ENV UV_PYTHON_INSTALL_DIR=/python UV_PYTHON_PREFERENCE=only-managed
WORKDIR /srv
COPY pyproject.toml uv.lock .python-version ./
RUN uv python install && uv sync --frozen
FROM debian:trixie-slim
COPY --from=build /python /python
COPY --from=build /srv /srv
ENV PATH=/srv/.venv/bin:$PATH
CMD ["python", "-m", "ledger"]
