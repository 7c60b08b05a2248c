#!/usr/bin/dash
# Stands before a tool of a host: counts its calls, and fails or holds those that the plan names. In builtins only,
# because it must cost next to nothing. Installed as /usr/local/sbin/TOOL, the first directory of every PATH.
# Lines of the plan: "any|TOOL FROM TO fail CODE" or "any|TOOL FROM TO hold -"; calls are counted from 1.
tool=${0##*/}
hook=/usr/lib/lab/hook
real=/usr/sbin/$tool
[ -x "$real" ] || real=/usr/bin/$tool
[ -e "$hook/plan" ] || exec "$real" "$@"

any=0 own=0
read -r any <"$hook/any"
read -r own <"$hook/$tool"
any=$((any + 1)) own=$((own + 1))
echo "$any" >"$hook/any"
echo "$own" >"$hook/$tool"
echo "$any $tool $own: $*" >>"$hook/log"

while read -r which from to act code; do
  case $which in
    any) call=$any ;;
    "$tool") call=$own ;;
    *) continue ;;
  esac
  if [ "$call" -lt "$from" ] || [ "$call" -gt "$to" ]; then continue; fi
  if [ "$act" = fail ]; then
    echo "$tool: broken by the lab" >&2
    exit "$code"
  fi
  echo "$any $tool" >>"$hook/held"
  read -r _ <"$hook/release"
done <"$hook/plan"
exec "$real" "$@"
