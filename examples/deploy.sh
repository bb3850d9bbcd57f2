#!/bin/sh
# A script that never runs twice at a time, wherever it is started: it takes a lock and starts itself again under it.
# If the lock is lost, `holdfast run` ends this script and all that it has started before anybody else gets the lock.
set -eu

if [ "${HOLDFAST_LOCK:-}" != deploy ]; then
  exec holdfast run deploy --wait 10m -- "$0" "$@"
fi

echo "deploying $1, with token $HOLDFAST_TOKEN"
sleep "${TAKES:-5}"
echo "deployed $1"
