FROM rust:1.75-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release

FROM debian:bullseye-slim
COPY --from=build /src/target/release/server /usr/local/bin/server
CMD ["server"]
