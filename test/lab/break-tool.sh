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
busybox mkdir -p "$kept/real" "$@"
for directory in "$@"; do
  path=${directory#"$kept"}/$name
  busybox mv "$path" "$kept$path"
  echo "$path" >>"$kept/$name.paths"
done
[ "$kind" != remove ] || exit 0

# The real one keeps its name, for tools that look at it.
[ -e "$real" ] || real=$kept$real
busybox ln -sf "$real" "$kept/real/$name"
printf '%s\n' "$when" >"$kept/$name.when"
printf '%s' "$message" >"$kept/$name.message"
# Every user's calls count.
umask 000
: >"$kept/$name.calls"
umask 022
act="    [ ! -s '$kept/$name.message' ] || { /usr/bin/busybox cat '$kept/$name.message'; echo; } >&2
    exit '$value'"
[ "$kind" != slow ] || act="    /usr/bin/busybox sleep '$value'"
# Reading blocks until mend-tools.sh closes the other end.
if [ "$kind" = hold ]; then
  busybox mkfifo -m 666 "$kept/$name.held"
  act="    { read -r _ <'$kept/$name.held'; } 2>/dev/null
    exec \"\$0\" \"\$@\""
fi
set --
while read -r path; do
  printf '%s\n' "#!/bin/sh
if printf '%s\\n' \"\$*\" | /usr/bin/busybox grep -Eq -f '$kept/$name.when'; then
  printf . >>'$kept/$name.calls'
  if [ \"\$(/usr/bin/busybox wc -c <'$kept/$name.calls')\" -ge '$from' ]; then
$act
  fi
fi
exec '$kept/real/$name' \"\$@\"" >"$path"
  set -- "$@" "$path"
done <"$kept/$name.paths"
busybox chmod 755 "$@"
