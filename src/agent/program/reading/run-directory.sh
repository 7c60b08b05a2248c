# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The run directory, /run/fw-run: a directory of root's own, or nothing in it is read or written.

room=/run/fw-run
known_room=

# Whether the room is a directory that only root may enter, or there is none. Else others may have written what is in it,
# and it would be run as root. On SELinux, ls adds a dot. Only root can give the name to another directory, so a request
# looks once.
trusted() {
  [ -z "$known_room" ] || return 0
  # Several times, because an agent that clears away and one that takes the lock may come in between.
  for _ in 1 2 3 4 5; do
    [ -e "$room" ] || [ -h "$room" ] || return 0
    # shellcheck disable=SC2012,SC2046 # stat is not everywhere; the first words of ls hold no blanks
    set -- $(exec ls -ldn "$room" 2>/dev/null)
    [ "$#" -eq 0 ] || break
  done
  case ${1-},${3-} in
    drwx------,0 | drwx------[.+],0)
      known_room=yes
      return 0
      ;;
  esac
  why=untrusted-room$tab${1-}$tab${3-}
  return 1
}

# Removes what is left of locks whose agent died while it removed them, and the room when it is empty. Not every rm removes
# empty directories. The note of a table goes with them, once the table is gone.
clear_away() {
  set +f
  # shellcheck disable=SC2086 # a file or nothing
  rm -fd $spent_note "$room/gone."*/* "$room/gone."* "$room" || {
    # shellcheck disable=SC2086
    rm -rf $spent_note "$room/gone."*
    rmdir "$room"
  }
  set -f
} 2>/dev/null
spent_note=

untrusted_room() {
  if ! trusted; then
    say "$why"
  elif [ ! -w "${room%/*}" ]; then
    say unwritable-room
  fi
}

own_notes() {
  ! trusted || present "$room/note"
}
