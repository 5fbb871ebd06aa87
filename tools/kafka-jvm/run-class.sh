#!/usr/bin/env bash
# Runs a class of the Kafka distribution: kafka-run-class.sh CLASS ARGS…; the wrappers beside it call it with their kind first.
# KAFKA_HEAP_OPTS, KAFKA_JVM_PERFORMANCE_OPTS, KAFKA_LOG4J_OPTS and KAFKA_OPTS work as in Kafka's own scripts.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kind=tool
case "${1:-}" in --kind=*) kind=${1#--kind=}; shift ;; esac
if [ $# -eq 0 ]; then echo "usage: $0 CLASS [ARGS]" >&2; exit 1; fi

# Jar order must be the same in every run: class data sharing checks it.
cp=$(cat "$home/classpath.txt")
cp=${cp//@HOME@/$home}
java=java
[ -n "${JAVA_HOME:-}" ] && java=$JAVA_HOME/bin/java

sharing=(-Xshare:auto)
[ -f "$home/classes.jsa" ] && sharing+=("-XX:SharedArchiveFile=$home/classes.jsa" -Xlog:cds=off -Xlog:cds+dynamic=off)
case "$kind" in
  tool) heap=-Xmx256M; perf="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"; log=tool ;;
  perf) heap=-Xmx512M; perf="-XX:+UseG1GC"; log=tool ;;
  *) heap="-Xmx1G -Xms256M"; perf="-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent"; log=server ;;
esac
: "${KAFKA_HEAP_OPTS:=$heap}" "${KAFKA_JVM_PERFORMANCE_OPTS:=$perf}"
: "${KAFKA_LOG4J_OPTS:=-Dlog4j2.configurationFile=file:$home/conf/$log-log4j2.properties}"
# shellcheck disable=SC2086 # these variables hold several words on purpose
exec "$java" "${sharing[@]}" $KAFKA_HEAP_OPTS $KAFKA_JVM_PERFORMANCE_OPTS $KAFKA_LOG4J_OPTS ${KAFKA_OPTS:-} \
  -cp "$cp${CLASSPATH:+:$CLASSPATH}" "$@"
