#!/bin/bash
# sudo of CentOS 7.9, version 1.8.23: no -B, -D, -N and -R.
usage() {
  cat >&2 <<'END'
usage: sudo -h | -K | -k | -V
usage: sudo -v [-AknS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-AknS] [-g group] [-h host] [-p prompt] [-U user] [-u user] [command]
usage: sudo [-AbEHknPS] [-r role] [-t type] [-C num] [-g group] [-h host] [-p prompt] [-T timeout] [-u user] [VAR=value] [-i|-s] [<command>]
usage: sudo -e [-AknS] [-r role] [-t type] [-C num] [-g group] [-h host] [-p prompt] [-T timeout] [-u user] file ...
END
  exit 1
}

words=("$@")
for ((at = 0; at < ${#words[@]}; at++)); do
  word=${words[at]}
  case $word in
    --) break ;;
    --version) set -- -V; break ;;
    --bell | --chdir* | --chroot* | --no-update)
      echo "sudo: unrecognized option '$word'" >&2
      usage
      ;;
    --*) ;;
    -?*)
      for ((letter = 1; letter < ${#word}; letter++)); do
        case ${word:letter:1} in
          B | D | N | R)
            echo "sudo: invalid option -- '${word:letter:1}'" >&2
            usage
            ;;
          V) set -- -V; break 2 ;;
          C | g | h | p | r | t | T | U | u)
            [[ $letter -lt $((${#word} - 1)) ]] || at=$((at + 1))
            break
            ;;
        esac
      done
      ;;
    *) break ;;
  esac
done
if [[ $# -eq 1 && $1 == -V ]]; then
  printf '%s\n' 'Sudo version 1.8.23' 'Sudoers policy plugin version 1.8.23' 'Sudoers file grammar version 46' 'Sudoers I/O plugin version 1.8.23'
  exit 0
fi
exec /usr/lib/lab/real/sudo "$@"
