#!/bin/bash
# ipset of CentOS 7.9, version 7.1: sets have no bucketsize and no initval yet.
shopt -s extglob

unknown() {
  printf '%s\n' "ipset v7.1: ${2-}Unknown argument: \`$1'" "Try \`ipset help' for more information." >&2
  exit 2
}

ipset() {
  local errors code
  errors=$(/usr/lib/lab/real/ipset "$@" 2>&1 >&3 3>&-)
  code=$?
  [[ -z $errors ]] || printf '%s\n' "${errors//ipset v7.+([0-9])/ipset v7.1}" >&2
  return "$code"
}

command=
for word in "$@"; do
  case $word in
    bucketsize | initval) unknown "$word" ;;
    version | -V | --version | -version) echo 'ipset v7.1, protocol version: 7'; exit 0 ;;
    restore | -R | --restore) command=restore ;;
    save | -S | --save | list | -L | --list) command=${command:-print} ;;
  esac
done

case $command in
  restore)
    input=$(cat)
    number=0
    while IFS= read -r line; do
      number=$((number + 1))
      if [[ " $line " =~ \ (bucketsize|initval)\  ]]; then
        unknown "${BASH_REMATCH[1]}" "Error in line $number: "
      fi
    done <<<"$input"
    printf '%s\n' "$input" | ipset "$@" 3>&1
    ;;
  print)
    ipset "$@" 3>&1 | sed 's/ bucketsize [0-9]*//; s/ initval 0x[0-9a-f]*//'
    exit "${PIPESTATUS[0]}"
    ;;
  *) ipset "$@" 3>&1 ;;
esac
