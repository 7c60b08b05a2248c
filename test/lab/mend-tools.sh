#!/bin/sh
# Puts back every tool that break-tool.sh broke or removed. Runs inside the host.
set -eu

kept=/usr/lib/lab/kept
for list in "$kept"/*.paths; do
  [ -e "$list" ] || continue
  while read -r path; do
    /usr/bin/busybox mv -f "$kept$path" "$path"
  done <"$list"
done
# Who waits reads to the end; who comes later finds nothing to wait for.
for held in "$kept"/*.breakage/held; do
  [ ! -e "$held" ] || (exec 9<>"$held" && /usr/bin/busybox rm "$held")
done
/usr/bin/busybox rm -rf "$kept"
