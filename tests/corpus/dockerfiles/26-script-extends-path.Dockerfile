FROM alpine:3.20
COPY <<EOF /start.sh
#!/bin/sh
export PATH=/opt/tool/bin:\$PATH
exec tool serve
EOF
COPY tool /opt/tool/bin/tool
RUN chmod 755 /start.sh
ENTRYPOINT ["/start.sh"]
