FROM elixir:1.14 AS build
ENV MIX_ENV=prod
WORKDIR /src
COPY . .
RUN mix deps.get && mix release
FROM alpine:3.18
RUN apk add --no-cache openssl ncurses-libs libstdc++
COPY --from=build /src/_build/prod/rel/ledger /srv
CMD ["/srv/bin/ledger", "start"]
