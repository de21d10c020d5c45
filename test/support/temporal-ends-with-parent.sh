#!/bin/sh
# Runs the Temporal CLI named by RATCHET_TEST_TEMPORAL, and ends it when the test that started it is gone:
# the SDK leaves its servers behind when a test crashes.
parent=$PPID
self=$$
(
  while kill -0 "$parent" && kill -0 "$self"; do sleep 2; done
  kill "$self"
) </dev/null >/dev/null 2>&1 &
exec "$RATCHET_TEST_TEMPORAL" "$@"
