FROM python:3.11-alpine AS build
RUN apk add --no-cache gcc musl-dev postgresql-dev
RUN pip install --prefix=/install psycopg2 gunicorn
FROM python:3.11-alpine
RUN apk add --no-cache libpq
COPY --from=build /install /usr/local
WORKDIR /srv
COPY . .
CMD ["gunicorn", "ledger:app"]
