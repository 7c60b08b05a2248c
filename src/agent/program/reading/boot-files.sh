# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The boot files as they are: a program that brings the guard back, and the service that runs it at boot.

# Sets $manager to what starts services here, decided by what is at work; $service to the file of ours that it reads.
find_manager() {
  if [ -d /run/systemd/system ]; then
    manager=systemd
    service=/etc/systemd/system/$boot_service.service
  else
    service=/etc/init.d/$boot_service
    if [ -d /run/openrc ] && has rc-update; then
      manager=openrc
    elif [ -d /etc/init.d ] && { has update-rc.d || has chkconfig; }; then
      manager=sysv
    else
      manager=
    fi
  fi
}

# Sets $boot_said, $program_text and $service_text; in a transaction, to what the files will be when it is committed.
# $boot_fault says why they cannot be read.
read_boot() {
  [ -z "$boot_read" ] || return 0
  boot_read=yes
  boot_fault=
  program_text=
  service_text=
  said=
  [ -z "$manager" ] || say "manager $manager"
  case $staged in
    absent) ;;
    present)
      say enabled
      read_file "$boot_program.new-$armed" && program_text=$out && say program &&
        read_file "$(staged_service "$armed")" && service_text=$out && say service
      ;;
    *)
      ! enabled || inactive || say enabled
      ! masked || say masked
      odd_files
      ! plain "$boot_program" || { read_file "$boot_program" && program_text=$out && say program; }
      [ -n "$boot_fault" ] || masked || ! there "$service" || {
        say service
        # What is no plain file is not ours, and has no text.
        ! plain "$service" || { read_file "$service" && service_text=$out; }
      }
      ;;
  esac
  boot_said=$said
  said=
}
staged=

there() { # FILE, a broken link too
  [ -e "$1" ] || [ -h "$1" ]
}

plain() { # FILE
  [ -f "$1" ] && [ ! -h "$1" ]
}

read_file() { # FILE; sets $out
  try content "$1" || {
    boot_fault=$why
    return 1
  }
}

# No file of ours comes near this size.
content() { # FILE
  exec head -c 4000000 "$1" 8</dev/null
}

enabled() {
  # OpenRC and SysV init pass over what they cannot execute.
  [ "$manager" = systemd ] || [ -x "$service" ] || return 1
  [ "$manager" != systemd ] || comes_again || return 1
  set +f
  case $manager in
    systemd) set -- "/etc/systemd/system/multi-user.target.wants/$boot_service.service" ;;
    openrc) set -- "/etc/runlevels/boot/$boot_service" ;;
    *) set -- /etc/rc[S2345].d/S[0-9][0-9]"$boot_service" /etc/rc.d/rc[2345].d/S[0-9][0-9]"$boot_service" ;;
  esac
  set -f
  for link in "$@"; do
    ! there "$link" || return 0
  done
  return 1
}

# Whether systemd would not tell our service of a reload. One that is still at work is activating.
inactive() {
  [ "$manager" = systemd ] || return 1
  read_activity
  case $activity in *"$nl"inactive | *"$nl"failed | *"$nl"deactivating) ;; *) return 1 ;; esac
}

# Whether the guard comes back with services that flush rules when they start. What is there but not ours, as a mask, is the wish
# of somebody.
comes_again() {
  ! there "$again_unit" || ours "$again_unit" || return 0
  for flushing in $boot_flushing; do
    there "/etc/systemd/system/$flushing.wants/$boot_again.service" || return 1
  done
  there "$again_unit"
}
again_unit=/etc/systemd/system/$boot_again.service

ours() { # FILE: whether it bears our mark
  plain "$1" || return 1
  rows=3
  while [ "$rows" -gt 0 ] && read -r row; do
    case $row in *"$boot_mark"*) return 0 ;; esac
    rows=$((rows - 1))
  done <"$1"
  return 1
} 2>/dev/null

masked() {
  [ "$manager" = systemd ] || return 1
  for link in "$service" "/run/systemd/system/$boot_service.service"; do
    [ ! -h "$link" ] || [ "$(exec readlink "$link")" != /dev/null ] || return 0
  done
  return 1
}

# Both files run as root, so nobody else may write them, or where the program lies. A service that is no plain file is not
# ours.
odd_files() {
  place=${boot_program%/*}
  there "$place" || plain "$service" || return 0
  # shellcheck disable=SC2012 # as in trusted()
  listed=$(exec ls -ldn "$place" "$boot_program" "$service" 2>/dev/null)
  IFS=$nl
  for line in $listed; do
    IFS=$blank
    case $line in
      *" $place" | *" $place -> "*) one=$place kind=d ;;
      *" $boot_program" | *" $boot_program -> "*) one=$boot_program kind=- ;;
      *) one=$service kind=- ;;
    esac
    # shellcheck disable=SC2086 # words separated by blanks, with globbing off
    set -- $line
    case $1,$3 in "$kind"????-??-?*,0) continue ;; esac
    case $one in "$service") plain "$service" || continue ;; esac
    say "odd $one"
  done
  IFS=$blank
}

boot_files() {
  [ -z "$boot_fault" ] || {
    say "$boot_fault"
    return 1
  }
  said=$boot_said
}

boot_text() { # FILE's text
  [ -z "$1" ] || say "$1"
}

# What would stop us from writing, and who else restores rules at boot. Busybox looks at the mode only: there the change
# itself finds it.
boot_obstacles() {
  for place in /etc "${service%/*}" "${boot_program%/*}"; do
    [ ! -d "$place" ] || [ -w "$place" ] || say "read-only $place"
  done
  for other in iptables ip6tables ipset netfilter-persistent; do
    ! started_at_boot "$other" || say "restorer $other"
  done
  [ "$manager" != systemd ] || ! early || late_firewalls
}

# Our service starts after those of firewalls, and before the network and what starts pods. One of them that starts after
# these makes a circle, which systemd opens by not starting one of them: docker, or the network.
late_firewalls() {
  # shellcheck disable=SC2086 # names separated by blanks
  { out=$(systemctls show -p Id -p After $boot_firewalls); } 2>/dev/null
  late=" $boot_late "
  IFS=$nl
  for line in $out; do
    IFS=$blank
    case $line in
      Id=*) unit=${line#Id=} ;;
      After=*)
        for other in ${line#After=}; do
          case $late in *" $other "*) say "late $unit $other" ;; esac
        done
        ;;
    esac
  done
  IFS=$blank
}

started_at_boot() { # SERVICE
  links "$1" S
  IFS=$nl
  for link in $joined; do
    ! there "$link" || break
  done
  IFS=$blank
  there "$link"
}

# Sets $joined to the links that start a service at boot, one a line; a pattern if there is none.
links() { # SERVICE START; START: how links of SysV init begin
  set +f
  # shellcheck disable=SC2086 # a pattern
  case $manager in
    systemd) set -- /etc/systemd/system/*.wants/"$1".service ;;
    openrc) set -- /etc/runlevels/*/"$1" ;;
    *) set -- /etc/rc?.d/$2[0-9][0-9]"$1" /etc/rc.d/rc?.d/$2[0-9][0-9]"$1" ;;
  esac
  set -f
  join "$@"
}

staged_service() { # RUN
  printf '%s' "${service%/*}/.${service##*/}.new-$1"
}
