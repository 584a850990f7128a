FROM quay.io/prometheus/busybox:latest
COPY probe /bin/probe
RUN addgroup -g 1000 probe && adduser -s /bin/sh -S -H -u 1000 -G probe probe
USER probe
CMD ["sh"]
