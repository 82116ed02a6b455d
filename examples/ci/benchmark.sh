#!/bin/sh
# Measure a model, compare it with the sessions called BASELINE, and fail if it is at least LIMIT percent slower.
#
#   benchmark.sh BASELINE LIMIT MODEL [OPTION OF gait run]...
#   benchmark.sh main 5 llama3.2:3b --types decode
#
# GAIT_URL names the server, and GAIT_API_KEY has its key. The first time, this measures the baseline: five sessions,
# because only several show by how much sessions differ although nothing has changed. Exit codes are those of gait:
# 3 is slower, 0 is not slower, or undecided (STRICT=1 makes that 4), and all others are errors.
set -eu
baseline=$1 limit=$2
shift 2
name="ci $(date -u +%Y-%m-%dT%H:%M:%S) ${CI_COMMIT_SHA:-$$}"

status=0
gait show "$baseline" > /dev/null 2>&1 || status=$?
if [ "$status" = 2 ]; then # no session has this name yet
    gait run "$@" --repeat 5 --name "$baseline" --tag ci --watch
fi
gait run "$@" --name "$name" --tag ci --watch
gait compare "$baseline" "$name" --fail-on "slower:$limit%" ${STRICT:+--strict}
