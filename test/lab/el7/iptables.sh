#!/bin/bash
# iptables and ip6tables of CentOS 7.9, version 1.4.21: -w takes no argument and there is no -W.
name=${0##*/}
real=/usr/lib/lab/real/$name

fail() {
  printf '%s\n' "$1" "Try \`$name -h' or '$name --help' for more information." >&2
  exit 2
}

if [[ $# -eq 1 && ($1 == -V || $1 == --version) ]]; then
  echo "$name v1.4.21"
  exit 0
fi
previous=
for word in "$@"; do
  case $word in
    -W | -W[0-9]* | --wait-interval*) fail "$name v1.4.21: unknown option \"$word\"" ;;
    -w[0-9]* | --wait=*) fail "$name v1.4.21: unknown option \"$word\"" ;;
  esac
  if [[ ($previous == -w || $previous == --wait) && $word =~ ^[0-9]+$ ]]; then fail "Bad argument \`$word'"; fi
  previous=$word
done

exec 3>&1
errors=$("$real" "$@" 2>&1 >&3 3>&-)
code=$?
[[ -z $errors ]] || printf '%s\n' "${errors//v1.8.[0-9]* (legacy)/v1.4.21}" >&2
exit "$code"
