FROM elixir:1.14-alpine AS build
ARG NAME=ledger
ENV MIX_ENV=prod
WORKDIR /src
COPY . .
RUN mix do deps.get, release && mv _build/prod/rel/${NAME} /release
FROM alpine:3.18
RUN apk add --no-cache libstdc++ ncurses-libs openssl
WORKDIR /srv
COPY --from=build /release .
CMD trap 'exit' INT; /srv/bin/ledger start
