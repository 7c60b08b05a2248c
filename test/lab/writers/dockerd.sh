#!/bin/sh
# Debian's dockerd on a host, with a socket and roots of its own, and no container.
# Usage: dockerd.sh start | stop | create NETWORK | delete NETWORK
set -eu

room=/tmp/dockerd

ask() { # METHOD PATH JSON: succeeds if dockerd did it
  printf '%s %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' "$1" "$2" "${#3}" "$3" |
    nc -U "$room/socket" 2>/dev/null | head -n 1 | grep -q '^HTTP/1.[01] 20'
}

wait_until() {
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { tail -n 5 "$room/log" >&2; exit 1; }
    sleep 0.1
  done
}

stopped() { [ ! -e "$room/pid" ]; }

case $1 in
  start)
    mkdir -p "$room"
    # dockerd wants to see control groups; it starts no container, so it needs to write none.
    mountpoint -q /sys/fs/cgroup || mount -t cgroup2 -o ro cgroup2 /sys/fs/cgroup
    setsid dockerd --storage-driver vfs --host "unix://$room/socket" --data-root "$room/data" \
      --exec-root "$room/exec" --pidfile "$room/pid" </dev/null >>"$room/log" 2>&1 &
    wait_until ask GET /_ping ''
    ;;
  stop)
    kill "$(cat "$room/pid")"
    wait_until stopped
    ;;
  create) ask POST /networks/create "{\"Name\":\"$2\"}" ;;
  delete) ask DELETE "/networks/$2" '' ;;
esac
