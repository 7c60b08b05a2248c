# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The tools of a host. Each takes the place of its shell, which saves a process: they are called in a subshell, by `try` or $(…).
# The clock ends what takes too long. 143 is the exit code of what it ended.

# How many seconds a tool may take, and how many iptables may wait for the xtables lock.
limit=20
patience=5

# Which program and table `ipt` works on.
xtables=iptables
in=

has() { # TOOL
  command -v "$1" >/dev/null 2>&1
}

# Each version of iptables waits for the xtables lock in its own way.
# shellcheck disable=SC2086 # `in` is a table in two words, or nothing
ipt() {
  case $version in
    'iptables v1.4.2'[01]*) exec "$xtables" -w $in "$@" 8</dev/null ;;
    'iptables v1.4.'[0-9] | 'iptables v1.4.1'[0-9]*) exec "$xtables" $in "$@" 8</dev/null ;;
    *) exec "$xtables" -w "$patience" $in "$@" 8</dev/null ;;
  esac
}

ips() {
  exec ipset "$@" 8</dev/null
}

nfts() {
  exec nft "$@" 8</dev/null
}

systemctls() {
  exec systemctl "$@" 8</dev/null
}

# Called before each tool. The watchdog of a change must not take an agent whose tools are slow for one that heard nothing.
at_work() {
  [ -z "$owned" ] || progress
}

try() { # COMMAND…: runs it; when it fails, $why says so
  at_work
  { out=$("$@" 2>&1); code=$?; } 2>/dev/null
  succeeded "$@"
}

# The same without what it warns of. On nf_tables, iptables puts a warning of legacy tables into the middle of a long text. Only why it
# failed is asked for again, as long as it did not take too long.
try_quietly() { # COMMAND…
  at_work
  { out=$("$@" 2>/dev/null); code=$?; } 2>/dev/null
  case $code in 0 | 143) succeeded "$@" ;; *) try "$@" ;; esac
}

succeeded() { # COMMAND…: whether it did, by $code; else $why says what it was and what it said
  [ "$code" -ne 0 ] || return 0
  # What it printed is half a text then.
  [ "$code" -ne 143 ] || out="it did not end within $limit s"
  case $1 in
    ipt)
      shift
      # shellcheck disable=SC2086 # as in ipt
      set -- "$xtables" $in "$@"
      # It waits for the lock as long as it may.
      case $code,$version in 143,'iptables v1.4.2'[01]*) out="$out: another program may hold the xtables lock" ;; esac
      ;;
    ips) shift && set -- ipset "$@" ;;
    build) set -- ipset restore ;;
    nfts) shift && set -- nft "$@" && only_faults ;;
    systemctls) shift && set -- systemctl "$@" ;;
    content) set -- head "$2" ;;
    synced) set -- sync ;;
    in_empty_network) set -- sh "$2" 'in an empty network' ;;
    load_table) set -- nft -f && only_faults ;;
    other_save) set -- "$2-save" ;;
    save_table) set -- "$xtables-save" -t mangle ;;
    restore_chain) set -- "$xtables-restore" ;;
    check_form) set -- nft -c -f && only_faults ;;
  esac
  # Why it failed is the last that it says.
  [ "${#out}" -le 500 ] || out="... $(feed "$out" tail -c 500)"
  why="$* failed with exit code $code: ${out:-it printed nothing}"
  return 1
}

# Leaves of $out what nft found wrong, without the text it repeats: that may be a whole table.
only_faults() {
  faults=
  IFS=$nl
  for line in $out; do
    case $line in *'Error: '*) faults=$faults${faults:+ }$line ;; esac
  done
  IFS=$blank
  out=${faults:-${out%%"$nl"*}}
  [ "${#out}" -le 500 ] || out=$(printf '%.500s' "$out")
}

# Whether there can be no set: nothing to make one, or the kernel has not loaded what it takes. In a container, /sys may
# be missing.
setless() {
  ! has ipset || { [ -d /sys/module ] && [ ! -d /sys/module/ip_set ]; }
}

join() { # LINE…; sets $joined
  IFS=$nl
  joined="$*"
  IFS=$blank
}
