FROM debian:bullseye-slim AS build
COPY agent_*.deb ./
RUN dpkg -i agent_*_"$(dpkg --print-architecture)".deb

FROM gcr.io/distroless/cc-debian11
COPY --from=build /usr/bin/agent /usr/bin/agent
RUN ["agent", "--version"]
ENTRYPOINT ["/usr/bin/agent"]
