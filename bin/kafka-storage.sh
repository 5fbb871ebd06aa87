#!/usr/bin/env bash
# Stands in for Kafka's kafka-storage.sh: the same arguments, outputs and exit codes.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/skarab" kafka-storage "$@"
