#!/bin/sh
# Makes a tool of this host fail on purpose, or vanish. Runs inside the host.
# Usage: break-tool.sh NAME remove
#        break-tool.sh NAME fail FROM-CALL WHEN-ARGS CODE MESSAGE
#        break-tool.sh NAME slow FROM-CALL WHEN-ARGS SECONDS ''   (works, but late)
#        break-tool.sh NAME hold FROM-CALL WHEN-ARGS '' ''        (works once it is mended)
set -eu

# Not the tools themselves: one of them may be broken already.
busybox() { /usr/bin/busybox "$@"; }

name=$1 kind=$2 from=${3-} when=${4-} value=${5-} message=${6-}
kept=/usr/lib/lab/kept
at=$(command -v "$name") || { echo "no $name here" >&2; exit 1; }
real=$(busybox readlink -f "$at")
[ ! -e "$kept/$name.paths" ] || { echo "$name is broken already" >&2; exit 1; }

set --
for dir in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
  if [ -e "$dir/$name" ] || [ -L "$dir/$name" ]; then set -- "$@" "$kept$dir"; fi
done
busybox mkdir -p "$kept" "$@"
for directory in "$@"; do
  path=${directory#"$kept"}/$name
  busybox mv "$path" "$kept$path"
  echo "$path" >>"$kept/$name.paths"
done
[ "$kind" != remove ] || exit 0

# What the stand-in reads. It stays after the tool is mended: a call may be under way then.
breakage=$(busybox mktemp -d "/usr/lib/lab/breakage.$name.XXXXXX")
busybox chmod 755 "$breakage"
busybox ln -s "$breakage" "$kept/$name.breakage"
# The real one keeps its name, for tools that look at it.
if [ -e "$real" ]; then busybox ln -s "$real" "$breakage/$name"; else busybox cp -p "$kept$real" "$breakage/$name"; fi
printf '%s\n' "$when" >"$breakage/when"
printf '%s' "$message" >"$breakage/message"
: >"$breakage/calls"
# Every user's calls count.
busybox chmod 666 "$breakage/calls"
act="    [ ! -s '$breakage/message' ] || { /usr/bin/busybox cat '$breakage/message'; echo; } >&2
    exit '$value'"
[ "$kind" != slow ] || act="    /usr/bin/busybox sleep '$value'"
# Reading blocks until mend-tools.sh closes the other end.
if [ "$kind" = hold ]; then
  busybox mkfifo -m 666 "$breakage/held"
  act="    { read -r _ <'$breakage/held'; } 2>/dev/null
    exec \"\$0\" \"\$@\""
fi
set --
while read -r path; do
  printf '%s\n' "#!/bin/sh
if printf '%s\\n' \"\$*\" | /usr/bin/busybox grep -Eq -f '$breakage/when'; then
  printf . >>'$breakage/calls'
  if [ \"\$(/usr/bin/busybox wc -c <'$breakage/calls')\" -ge '$from' ]; then
$act
  fi
fi
exec '$breakage/$name' \"\$@\"" >"$path"
  set -- "$@" "$path"
done <"$kept/$name.paths"
busybox chmod 755 "$@"
