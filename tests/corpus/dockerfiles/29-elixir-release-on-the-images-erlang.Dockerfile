FROM elixir:1.14 AS build
ENV MIX_ENV=prod
WORKDIR /src
COPY . .
RUN mix do deps.get + release
FROM erlang:25-alpine
WORKDIR /srv
COPY --from=build /src/_build/prod/rel/ledger ./
CMD ["bin/ledger", "start"]
