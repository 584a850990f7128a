FROM python:3.12-bookworm AS build
WORKDIR /src
COPY . .
RUN pip install -r requirements.txt pyinstaller && pyinstaller -F -n ledger main.py
FROM debian:bullseye-slim
COPY --from=build /src/dist/ledger /usr/bin/ledger
CMD ["ledger"]
