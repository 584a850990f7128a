FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends adduser && addgroup -gid 1000 clerk && adduser -gid 1000 -uid 1000 clerk
USER clerk
CMD ["cat"]
