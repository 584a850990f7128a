FROM ghcr.io/astral-sh/uv:python3.11-bookworm-slim AS build
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY . .

FROM gcr.io/distroless/python3-debian12:nonroot
COPY --from=build /app /app
ENTRYPOINT ["/app/.venv/bin/hypercorn", "--bind", "0.0.0.0:8000", "app.main:app"]
