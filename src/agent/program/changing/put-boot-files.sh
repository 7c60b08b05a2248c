# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The boot files as they shall be.
#
# Goals, and how each is met:
#  1. A host that is rebooted in the middle of a transaction comes up as before. New files lie under other names until
#     commit. What commit shall do lies in the lock, in /run, which a reboot empties.
#  2. Never half. The service does nothing without the program. So the program comes last and goes first, by one rename.
#  3. Twice is the same as once, whole or broken off: the agent, the watchdog or a later run may go on (end_transaction).
#  4. What does not work is not kept: before the host says that it is changed, the new program runs in an empty network.
#  5. Only files of ours are replaced or deleted: the program has a directory of root's own, the service bears our mark.
#
#  boot-program LINE… | boot-service LINE… | boot absent | boot present

put_boot() { # absent | present; as $new_program and $new_service say
  [ -z "$undoing" ] || {
    unstage "$of"
    return 0
  }
  boot_read=
  find_manager
  if [ "$1" = present ]; then
    stage
    changed=$?
  else
    changed=0
  fi
  new_program=
  new_service=
  sum=
  [ "$changed" -ne 0 ] || [ "$1" = absent ] || sum=$(sum_of "$(staged_service "$armed")" "$boot_program.new-$armed")
  [ "$changed" -eq 0 ] && plan_boot "$1 $manager $sum" || return 1
  staged=$1
}

plan_boot() { # WORDS: what commit shall do
  out=$(printf '%s\n' "$1" 2>&1 >"$lock/boot") || {
    why="cannot write to $lock: ${out:-is /run full?}"
    return 1
  }
} 2>/dev/null

sum_of() { # SERVICE PROGRAM
  { cat "$1" "$2" | cksum; } 8</dev/null 2>/dev/null
}

stage() {
  [ -n "$manager" ] || {
    why='this host has no systemd, OpenRC or SysV init'
    return 1
  }
  place=${boot_program%/*}
  out=$(umask 022; exec mkdir -p "$place" 2>&1) || {
    why="cannot make $place: $out"
    return 1
  }
  new=$boot_program.new-$armed
  write "$new" "$new_program" && write "$(staged_service "$armed")" "$new_service" || return 1
  [ "$manager" = systemd ] || try chmod 755 "$(staged_service "$armed")" || return 1
  rehearse "$new"
}

# On the disk before it has its name: after a power cut there is no empty file under it.
write() { # FILE TEXT
  at_work
  { out=$(umask 022; feed "$2" store "$1" 2>&1); code=$?; } 2>/dev/null
  [ "$code" -eq 0 ] || {
    [ "$code" -ne 143 ] || out="it did not end within $limit s"
    out=${out%%"$nl"*}
    why="cannot write $1: ${out#dd: }"
    return 1
  }
}

store() { # FILE
  exec dd "of=$1" conv=fsync 8</dev/null
}

# Without the right to make networks, as in a container, nobody can try it.
rehearse() { # PROGRAM
  # A run that was killed in activate may have left it: then the program would do nothing.
  [ ! -e "$lock/standing" ] || rm -f "$lock/standing"
  has unshare && ! try in_empty_network "$1" || return 0
  kept=$why
  if try in_empty_network /dev/null; then
    why=$kept
    return 1
  fi
  why=
}

# The lock of iptables is one of the whole host, and this network needs none of it.
in_empty_network() { # PROGRAM
  export XTABLES_LOCKFILE="$lock/xtables"
  exec unshare -n /bin/sh "$1" 8</dev/null
}

unstage() { # RUN. What stays here harms nothing, so this never fails
  find_manager
  rm -f "$boot_program.new-$1" "$(staged_service "$1")" "$lock/boot"
  rmdir "${boot_program%/*}"
  staged=
  boot_read=
} 2>/dev/null

# What runs left that a reboot cut off. Only for who holds the lock.
clear_staged() {
  find_manager
  set +f
  set -- "$boot_program.new-"* "${service%/*}/.${service##*/}.new-"*
  set -f
  for left in "$@"; do
    [ ! -e "$left" ] || {
      rm -f "$@"
      rmdir "${boot_program%/*}"
      return
    }
  done
} 2>/dev/null

# ---- commit ----

# Does what lies in the lock, in steps that may be done twice.
settle_boot() { # RUN
  [ -e "$lock/boot" ] || return 0
  read -r goal manager sum <"$lock/boot"
  set -- "$1" "$manager"
  find_manager
  [ "$manager" = "$2" ] || {
    why="the service manager of this host has changed: it was ${2:-unknown}, and is now ${manager:-unknown}"
    return 1
  }
  if [ "$goal" = present ]; then
    enter_boot "$1"
  else
    leave_boot
  fi && attempt synced /etc "${service%/*}" && rm -f "$lock/boot"
  set -- "$?"
  boot_read=
  activity=
  [ "$1" -ne 0 ] || staged=
  return "$1"
}

enter_boot() { # RUN; $sum
  # A dead run may have renamed it, and done no more.
  fresh=yes
  ! same_text "$(staged_service "$1")" "$service" || fresh=
  rename_file "$(staged_service "$1")" "$service" &&
    case $manager in
      systemd) enable_unit ;;
      openrc) enabled || try rc-update add "$boot_service" boot ;;
      sysv) enabled || if has update-rc.d; then try update-rc.d "$boot_service" defaults; else try chkconfig --add "$boot_service"; fi ;;
    esac &&
    rename_file "$boot_program.new-$1" "$boot_program" || return 1
  [ "$manager" != systemd ] || activate
  # To try again would not bring it back, so the transaction ends, and its answer tells it.
  plain "$service" && plain "$boot_program" && { [ -z "$sum" ] || [ "$(sum_of "$service" "$boot_program")" = "$sum" ]; } ||
    why="${why:+$why$nl}the boot files are not as fw-run wrote them: another program changed or deleted $boot_program or $service"
}

same_text() { # FILE FILE
  plain "$1" && plain "$2" && text=$(content "$1") && [ "$(content "$2")" = "$text" ]
} 2>/dev/null

# On a large host it takes systemd long to read all units again.
enable_unit() {
  [ -n "$fresh" ] || ! enabled || return 0
  set -- "$boot_service.service"
  if ! there "$again_unit" || ours "$again_unit"; then
    new=${service%/*}/.${service##*/}.new-again
    write "$new" "$again" && rename_file "$new" "$again_unit" || return 1
    set -- "$@" "$boot_again.service"
  fi
  attempt systemctls --no-reload enable "$@"
  enabled || {
    why=${failure:-"\`systemctl enable $boot_service.service\` did not enable the service"}
    return 1
  }
  attempt systemctls daemon-reload
}

# It is not active when it has run, so each start of a service that wants it runs it again. It does so after that service, and
# never beside the unit that runs at boot. Versions of systemd have that limit in different sections; all know it here.
again="# $boot_mark. \`fw-run apply\` replaces this file, and \`fw-run remove\` deletes it.
[Unit]
Description=fw-run: the guard of pods comes back after a service that deletes it
DefaultDependencies=no
After=$boot_firewalls $boot_service.service
Before=shutdown.target
Conflicts=shutdown.target
ConditionPathExists=$boot_program
[Service]
Type=oneshot
StartLimitInterval=0
TimeoutStartSec=60
ExecStart=/bin/sh $boot_program
[Install]
WantedBy=$boot_flushing"

# So that it hears of reloads that take the guard away. The guard stands, so the program is told to leave it alone. What
# is still waiting to start when we cannot wait any longer would not be told.
activate() {
  # Not ":", a special builtin: a failed redirection of one ends the shell.
  true >"$lock/standing" || return 0
  attempt systemctls start "$boot_service.service"
  unstarted=$failure
  [ -z "$unstarted" ] || attempt systemctls --no-block stop "$boot_service.service"
  rm -f "$lock/standing"
  guard_as_made || bring_back
  [ -z "$unstarted" ] || [ "$why" = unguarded ] || why="${why:+$why$nl}$unstarted"
} 2>/dev/null

# Sets $made to the guard as the last answer told it, if commit has boot files to write.
known_guard() {
  [ -e "$lock/boot" ] || return 0
  table_read=yes chains_read=yes sets_read=yes
  ! learn_guard || made=$learnt
  table_read='' chains_read='' sets_read=''
}

# Sets $learnt to our table; with guard mangle to our chains and the members of their sets.
learn_guard() {
  if [ "$guard" = nft ]; then
    read_table
    counted_table || return 1
    without_counters "$table"
    learnt=$lasting
  else
    read_chains
    counted_chains && read_own "$our_set" || return 1
    learnt=$own$members
  fi
}

# Whether the guard is as this agent made it. Since then, or while the program was to leave it alone, a service may have flushed
# rules, and the old program may have made the old guard. A tool that cannot tell, as where the xtables lock is held, says nothing
# against it. Who did not make it does not know.
guard_as_made() {
  [ -n "$made" ] || return 1
  kept=$why
  learn_guard && [ "$learnt" != "$made" ]
  set -- "$?"
  why=$kept
  [ "$1" -ne 0 ]
}
made=

# Whether what our program makes is there.
guard_stands() {
  text=$(content "$boot_program")
  case $text in
    *"delete table $guard_table"*)
      attempt nfts list table "$guard_table"
      case $code,$out in 1,*'No such file or directory'*) return 1 ;; esac
      return 0
      ;;
  esac
  gone=
  for family in 4 6; do
    turn_to "mangle$family"
    case $text in *"lead $xtables "*) ;; *) continue ;; esac
    attempt ipt -S "$hook"
    case $code,$out in 0,*" -j $guard_chain"*) ;; 0,*) gone=yes ;; esac
  done
  turn_to filter
  [ -z "$gone" ]
}

# By systemd, because the program must not run beside itself. The runner tells what a host without its guard needs.
bring_back() {
  attempt systemctls start "$boot_again.service"
  guard_stands || why=unguarded
}

synced() { # DIRECTORY…; old versions sync all
  exec sync "$@" 8</dev/null
}

attempt() { # as try, where a failure does not matter; sets $failure
  kept=$why
  failure=
  try "$@" || failure=$why
  why=$kept
}

rename_file() { # FROM TO
  [ ! -e "$1" ] || try mv -f "$1" "$2"
}

leave_boot() {
  try rm -f "$boot_program" || return 1
  rmdir "${boot_program%/*}" 2>/dev/null
  if there "$service"; then
    masked || ! ours "$service" || retire
  else
    unlink_service
  fi
}

# Its links may be there without it.
unlink_service() {
  ! ours "$again_unit" || try rm -f "$again_unit" || return 1
  for unit in "$boot_service" "$boot_again"; do
    links "$unit" '[SK]'
    IFS=$nl
    # shellcheck disable=SC2086 # one a line, with globbing off
    set -- $joined
    IFS=$blank
    try rm -f "$@" || return 1
  done
}

retire() {
  case $manager in
    systemd)
      attempt systemctls stop "$boot_service.service"
      attempt systemctls --no-reload disable "$boot_service.service"
      ;;
    openrc) ! enabled || try rc-update del "$boot_service" boot ;;
    sysv) has update-rc.d || try chkconfig --del "$boot_service" ;;
  esac &&
    unlink_service && try rm -f "$service" || return 1
  case $manager in
    systemd) attempt systemctls daemon-reload ;;
    sysv) ! has update-rc.d || try update-rc.d "$boot_service" remove ;;
  esac
}
