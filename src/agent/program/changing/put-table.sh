# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Our table of nft as it shall be.
#
# Goals, and how each is met:
#  1. Never half a table, and no instant without one. Making it, deleting it and making it anew are one `nft -f`, which
#     the kernel carries out wholly or not at all.
#  2. Twice is the same as once. The old table is deleted first; what is deleted was made just before, so it is there.
#
#  table absent | table present LINE…

put_table() { # absent | present LINE…
  if ! has nft; then
    [ "$1" = present ] || [ -e "$table_note" ] || return 0
    why='nft is not installed'
    return 1
  fi
  [ "$1" = absent ] || note_table
  stands "$@" || {
    table_read=
    try load_table "$@" || return 1
  }
  spent_note=
  [ "$1" = present ] || spent_note=$table_note
}

# Where it cannot be written, a session without nft does not know of the table.
note_table() {
  printf '' >"$table_note"
} 2>/dev/null

# Whether the table is as wanted already, but for counters. An undo has the words in which nft printed it, so where nothing
# was changed nothing needs nft.
stands() { # absent | present LINE…
  read_table
  [ -z "$table_fault" ] || return 1
  if [ "$1" = absent ]; then
    [ -z "$table" ]
    return
  fi
  shift
  without_counters "$table"
  there=$lasting
  IFS=$nl
  lines="$*"
  IFS=$blank
  without_counters "table $guard_table {$nl$lines$nl}"
  [ "$there" = "$lasting" ]
}

# Old versions of nft do not know `-`. Shells say "Terminated" of what the clock ends in a pipe; nft alone has a say.
load_table() { # absent | present LINE…
  table_text "$@"
  feed "$text" nfts -f /dev/stdin 2>&1
} 2>/dev/null

# Sets $text.
table_text() { # absent | present LINE…
  text="table $guard_table${nl}delete table $guard_table"
  [ "$1" = present ] || return 0
  shift
  IFS=$nl
  text="$text${nl}table $guard_table {$nl$*$nl}"
  IFS=$blank
}
