FROM elixir:1.13-alpine AS build
ENV MIX_ENV=prod
WORKDIR /src
COPY . .
RUN mix deps.get && mix release ledger
FROM alpine:3.20
RUN apk add --no-cache openssl ncurses-libs
COPY --from=build /src/_build/prod/rel/ledger /srv
CMD ["/srv/bin/ledger", "start"]
