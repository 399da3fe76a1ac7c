#!/bin/sh
# A function that streams, started by the Lambda Web Adapter, which passes requests on to this port (AWS_LWA_PORT)
exec python -m uvicorn start:app --host 127.0.0.1 --port "${AWS_LWA_PORT:-8080}" --no-access-log \
    --no-proxy-headers --log-level warning
