#!/bin/bash
# ipset of CentOS 7.9, version 7.1: sets have no bucketsize and no initval yet.
real=/usr/lib/lab/real/ipset

relabel() { sed 's/^ipset v7\.[0-9]*/ipset v7.1/' >&2; }
unknown() {
  printf '%s\n' "ipset v7.1: ${2-}Unknown argument: \`$1'" "Try \`ipset help' for more information." >&2
  exit 2
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

exec 3>&1
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
    printf '%s\n' "$input" | { "$real" "$@" 2>&1 >&3 3>&- | relabel; exit "${PIPESTATUS[0]}"; }
    ;;
  print)
    { "$real" "$@" 2>&1 >&4 3>&- 4>&- | relabel; exit "${PIPESTATUS[0]}"; } 4>&1 |
      sed 's/ bucketsize [0-9]*//; s/ initval 0x[0-9a-f]*//' >&3
    exit "${PIPESTATUS[0]}"
    ;;
  *)
    "$real" "$@" 2>&1 >&3 3>&- | relabel
    exit "${PIPESTATUS[0]}"
    ;;
esac
