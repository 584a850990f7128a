FROM erlang:26-alpine AS build
WORKDIR /src
COPY . .
RUN rebar3 as prod release
FROM alpine:3.20
RUN apk add --no-cache libstdc++ ncurses-libs
COPY --from=build /src/_build/prod/rel/relay /opt/relay
RUN ln -s /opt/relay/bin/relay /usr/local/bin/relay
CMD ["relay", "foreground"]
