#!/bin/sh
# Makes a tool of this host fail on purpose, or vanish. Runs inside the host.
# Usage: break-tool.sh NAME remove
#        break-tool.sh NAME fail FROM-CALL WHEN-ARGS CODE MESSAGE
#        break-tool.sh NAME slow FROM-CALL WHEN-ARGS SECONDS ''   (works, but late)
#        break-tool.sh NAME hold FROM-CALL WHEN-ARGS '' ''        (works once it is mended)
set -eu

# Not the tools themselves: one of them may be broken already.
busybox() { /usr/bin/busybox "$@"; }

name=$1 kind=$2
kept=/usr/lib/lab/kept
at=$(command -v "$name") || { echo "no $name here" >&2; exit 1; }
real=$(busybox readlink -f "$at")
busybox mkdir -p "$kept"
[ ! -e "$kept/$name.paths" ] || { echo "$name is broken already" >&2; exit 1; }

: >"$kept/$name.calls"
busybox chmod 666 "$kept/$name.calls"
for dir in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin; do
  path=$dir/$name
  if [ -e "$path" ] || [ -L "$path" ]; then
    busybox mkdir -p "$kept$dir"
    busybox mv "$path" "$kept$path"
    echo "$path" >>"$kept/$name.paths"
  fi
done
[ "$kind" != remove ] || exit 0

# The real one keeps its name, for tools that look at it.
[ -e "$real" ] || real=$kept$real
busybox mkdir -p "$kept/real"
busybox ln -sf "$real" "$kept/real/$name"
printf '%s\n' "$4" >"$kept/$name.when"
printf '%s' "$6" >"$kept/$name.message"
act="    [ ! -s '$kept/$name.message' ] || { /usr/bin/busybox cat '$kept/$name.message'; echo; } >&2
    exit '$5'"
[ "$kind" != slow ] || act="    /usr/bin/busybox sleep '$5'"
[ "$kind" != hold ] || act="    while [ -e '$kept/$name.paths' ]; do /usr/bin/busybox sleep 0.05; done
    exec \"\$0\" \"\$@\""
while read -r path; do
  busybox cat >"$path" <<END
#!/bin/sh
if printf '%s\\n' "\$*" | /usr/bin/busybox grep -Eq -f '$kept/$name.when'; then
  printf . >>'$kept/$name.calls'
  if [ "\$(/usr/bin/busybox wc -c <'$kept/$name.calls')" -ge '$3' ]; then
$act
  fi
fi
exec '$kept/real/$name' "\$@"
END
  busybox chmod 755 "$path"
done <"$kept/$name.paths"
