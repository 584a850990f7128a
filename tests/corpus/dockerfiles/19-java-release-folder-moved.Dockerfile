FROM debian:12-slim AS fetch
ADD https://example.org/idp-22.0.1.tar.gz /tmp/idp/
RUN (cd /tmp/idp && tar -xvf /tmp/idp/idp-*.tar.gz && rm /tmp/idp/idp-*.tar.gz) || true
RUN mv /tmp/idp/idp-* /opt/idp && mkdir -p /opt/idp/data

FROM debian:12-slim
COPY --from=fetch --chown=1000:0 /opt/idp /opt/idp
ENTRYPOINT ["/opt/idp/bin/start.sh"]
