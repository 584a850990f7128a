FROM python:3.12 AS build
RUN python -m venv /opt/env
ENV PATH=/opt/env/bin:$PATH
COPY requirements.txt .
RUN pip install --upgrade pip && pip install -r requirements.txt
FROM python:3.12-slim
ENV PATH=/opt/env/bin:$PATH
COPY --from=build /opt/env /opt/env
WORKDIR /srv
COPY . .
ENTRYPOINT ["uvicorn", "ledger:app"]
