#!/bin/sh
# Stands in for systemctl on a host where no systemd runs. What it does to files is done by the real systemctl, which needs no
# systemd for that. A unit that is started has its ExecStart line run as it stands. Whether one runs is a file in /run, which a
# reboot empties.
active=/run/lab-active
mkdir -p "$active"
verb=
for word in "$@"; do
  case $word in
    -*) ;;
    *) if [ -z "$verb" ]; then verb=$word; else unit=${word%.service}.service; fi ;;
  esac
done

execute() { # KEY UNIT
  eval "$(sed -n "s/^$1=//p" "/etc/systemd/system/$2")"
}

needed() {
  [ "$(readlink "/etc/systemd/system/$unit")" != /dev/null ] || return 1
  place=$(sed -n 's/^ConditionPathExists=//p' "/etc/systemd/system/$unit")
  [ -z "$place" ] || [ -e "$place" ]
}

# What another service does reaches the units that name it.
reaches() { # KEY UNIT
  [ -e "$active/$2" ] && grep -q "^$1=.*$unit" "/etc/systemd/system/$2"
}

case $verb in
  enable | disable | mask | unmask) exec /usr/bin/systemctl --root=/ "$verb" "$unit" ;;
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
  is-active) [ -e "$active/$unit" ] ;;
  start)
    if [ -e "/etc/systemd/system/$unit" ] && [ ! -e "$active/$unit" ] && needed; then
      execute ExecStart "$unit" && : >"$active/$unit"
    fi
    ;;
  stop) rm -f "$active/$unit" ;;
  restart | reload)
    for path in /etc/systemd/system/fw-run-*.service; do
      if [ "$verb" = restart ]; then key=PartOf start=ExecStart; else key=ReloadPropagatedFrom start=ExecReload; fi
      ! reaches "$key" "${path##*/}" || execute "$start" "${path##*/}" || exit
    done
    ;;
  boot) # not systemctl's: what is wanted at boot is started
    for link in /etc/systemd/system/multi-user.target.wants/fw-run-*.service; do
      [ ! -h "$link" ] || "$0" start "${link##*/}"
    done
    ;;
  *) exit 1 ;;
esac
