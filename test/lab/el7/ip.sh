#!/bin/bash
# ip of CentOS 7.9, iproute2 4.11: no JSON, no -pretty, no -Numeric, and -color takes no value.
for word in "$@"; do
  case $word in
    -V | -Version) echo 'ip utility, iproute2-ss170501'; exit 0 ;;
    -j* | -p* | -N* | -e* | -c*=* | --j* | --p* | --N* | --c*=*)
      echo "Option \"$word\" is unknown, try \"ip -help\"." >&2
      exit 255
      ;;
    -*) ;;
    *) break ;;
  esac
done
exec /usr/lib/lab/real/ip "$@"
