FROM alpine:3.13
RUN apk add --no-cache build-base curl && \
    curl -o /tmp/pooler-1.2.tar.gz -L https://example.org/pooler-1.2.tar.gz && \
    cd /tmp && tar xvfz /tmp/pooler-1.2.tar.gz && cd pooler-1.2 && \
    ./configure --prefix=/usr && make && cp pooler /usr/bin && \
    adduser -S -D -H pooler && rm -rf /tmp/pooler*
USER pooler
CMD ["sh"]
