#!/bin/sh
# A cron job that is on several hosts, so that it runs when one of them is down, and that runs once:
#
#   0 3 * * *  /opt/jobs/cron.sh nightly-report /opt/jobs/report.sh
#
# Who gets the lock runs the job. The others find it held, and end at once. The clocks of hosts differ by a little, and
# a job may be done quickly: the lock is kept for a minute at least, so that the last host to look still finds it held.
set -u
lock=$1
shift

holdfast run "$lock" --wait 0 -- sh -c '
  sleep "${KEEP:-60}" &
  "$@"
  code=$?
  wait
  exit "$code"
' sh "$@"
code=$?

# 75: another host runs it, which is as it should be. Everything else is for whoever reads the mail of cron.
if [ "$code" -eq 75 ]; then exit 0; fi
exit "$code"
