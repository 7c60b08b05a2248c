#!/bin/bash
# iptables-restore and ip6tables-restore of CentOS 7.9, version 1.4.21 (iptables-restore.c): there is no --wait; unknown
# options are complained of and passed over, and the first further word is the file to read.
name=${0##*/}
options=()
files=()
while [[ $# -gt 0 ]]; do
  case $1 in
    -b | --binary) ;;
    -c | --counters) options+=(-c) ;;
    -v | --verbose) options+=(-v) ;;
    -t | --test) options+=(-t) ;;
    -h | --help) options+=(-h) ;;
    -n | --noflush) options+=(-n) ;;
    -M | --modprobe) shift ;;
    --modprobe=*) ;;
    -T | --table) options+=(-T "${2-}"); shift ;;
    --table=*) options+=(-T "${1#*=}") ;;
    --*) echo "$name: unrecognized option '${1%%=*}'" >&2 ;;
    -?*) echo "$name: invalid option -- '${1:1:1}'" >&2 ;;
    *) files+=("$1") ;;
  esac
  shift || break
done
if [[ ${#files[@]} -gt 1 ]]; then
  echo 'Unknown arguments found on commandline' >&2
  exit 1
fi
if [[ ${#files[@]} -eq 1 ]]; then
  if [[ ! -r ${files[0]} ]]; then
    echo "Can't open ${files[0]}: No such file or directory" >&2
    exit 1
  fi
  exec <"${files[0]}"
fi
exec 3>&1
errors=$("/usr/lib/lab/real/$name" "${options[@]}" 2>&1 >&3 3>&-)
code=$?
[[ -z $errors ]] || printf '%s\n' "${errors//v1.8.[0-9]* (legacy)/v1.4.21}" >&2
exit "$code"
