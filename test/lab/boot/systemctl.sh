#!/bin/sh
# Stands in for systemctl on a host where no systemd runs. What it does to files is done by the real systemctl, which needs no
# systemd for that. A unit that is started has its ExecStart line run as it stands. Whether one runs is a file in /run, which a
# reboot empties.
active=/run/lab-active
mkdir -p "$active"
verb=
units=
for word in "$@"; do
  case $word in
    -*) ;;
    *) if [ -z "$verb" ]; then verb=$word; else unit=${word%.service}.service units="$units $unit"; fi ;;
  esac
done

execute() { # KEY UNIT
  eval "$(sed -n "s/^$1=//p" "/etc/systemd/system/$2")"
}

needed() { # UNIT
  [ "$(readlink "/etc/systemd/system/$1")" != /dev/null ] || return 1
  place=$(sed -n 's/^ConditionPathExists=//p' "/etc/systemd/system/$1")
  [ -z "$place" ] || [ -e "$place" ]
}

# What another service does reaches the active units that name it.
reaches() { # KEY UNIT
  [ -e "$active/$2" ] && grep -q "^$1=.*$unit" "/etc/systemd/system/$2"
}

# A start of what is active already does nothing. What does not remain is not active afterwards.
begin() { # UNIT
  [ ! -e "$active/$1" ] || return 0
  if [ -e "/etc/systemd/system/$1" ]; then
    needed "$1" || return 0
    execute ExecStart "$1" || return
    grep -q '^RemainAfterExit=yes' "/etc/systemd/system/$1" || return 0
  fi
  : >"$active/$1"
}

# What a unit wants is started with it.
begin_wanted() { # UNIT
  for link in "/etc/systemd/system/$1.wants"/fw-run-*; do
    [ ! -h "$link" ] || begin "${link##*/}" || return
  done
}

case $verb in
  enable | disable | mask | unmask)
    # shellcheck disable=SC2086 # names separated by blanks
    exec /usr/bin/systemctl --root=/ "$verb" $units
    ;;
  daemon-reload) ;;
  show)
    for word in "$@"; do
      case $word in
        *.service)
          echo "Id=$word"
          echo "After=$(sed -n 's/^After=//p' "/etc/systemd/system/$word" 2>/dev/null | tr '\n' ' ')"
          echo
          ;;
      esac
    done
    ;;
  is-active)
    code=3
    for unit in $units; do
      if [ -e "$active/$unit" ]; then code=0 state=active; else state=inactive; fi
      case $* in *--quiet*) ;; *) echo "$state" ;; esac
    done
    exit "$code"
    ;;
  start) begin "$unit" && begin_wanted "$unit" ;;
  stop) rm -f "$active/$unit" ;;
  restart)
    for path in /etc/systemd/system/fw-run-*.service; do
      ! reaches PartOf "${path##*/}" || execute ExecStart "${path##*/}" || exit
    done
    : >"$active/$unit"
    begin_wanted "$unit"
    ;;
  reload)
    for path in /etc/systemd/system/fw-run-*.service; do
      ! reaches ReloadPropagatedFrom "${path##*/}" || execute ExecReload "${path##*/}" || exit
    done
    ;;
  boot) begin_wanted multi-user.target ;; # not systemctl's: what is wanted at boot is started
  *) exit 1 ;;
esac
