#!/usr/bin/env bash
# Stands in for Kafka's kafka-server-start.sh: [-daemon] server.properties [--override property=value]*
# With -daemon it runs in the background and writes $LOG_DIR/kafkaServer.out (LOG_DIR: logs beside bin, unless set).
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
if [ "${1:-}" = -daemon ]; then
  shift
  log_dir=${LOG_DIR:-$here/../logs}
  mkdir -p "$log_dir"
  nohup "$here/skarab" kafka-server-start "$@" >"$log_dir/kafkaServer.out" 2>&1 </dev/null &
  exit 0
fi
exec "$here/skarab" kafka-server-start "$@"
