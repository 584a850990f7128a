FROM python:3.12-slim AS build
RUN python -m venv /opt/env && /opt/env/bin/pip install gunicorn
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y python3
COPY --from=build /opt/env /opt/env
CMD ["/opt/env/bin/gunicorn", "ledger:app"]
