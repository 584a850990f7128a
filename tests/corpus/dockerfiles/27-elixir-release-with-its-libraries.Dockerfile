FROM hexpm/elixir:1.14.5-erlang-25.3.2-debian-bullseye-20230227-slim AS build
ENV MIX_ENV=prod
WORKDIR /src
COPY mix.exs mix.lock ./
RUN mix deps.get --only prod && mix deps.compile
COPY . .
RUN mix release
FROM debian:bullseye-slim
RUN apt-get update && apt-get install -y libstdc++6 openssl libncurses5 locales && rm -rf /var/lib/apt/lists/*
WORKDIR /srv
COPY --from=build --chown=nobody:root /src/_build/prod/rel/ledger ./
USER nobody
CMD ["/srv/bin/server"]
