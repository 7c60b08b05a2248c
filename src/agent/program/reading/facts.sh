# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Facts: everything that a host can tell. Nothing here changes a host.

facts() { # SET
  [ -z "$whole" ] || large=
  begin_rules
  early || take_fingerprint "$1"
  section tools tools
  section iptables-version say "$version"
  section support support
  section network network
  section bridges bridges
  section tunnels tunnels
  section flannel present /run/flannel/subnet.env
  section firewalls firewalls
  section lock holder
  section agent own_process
  section unfinished unfinished
  section note own_notes
  section room run df -P /run /etc
  section untrusted-room untrusted_room
  section machine machine
  section other-rules other_rules
  section translating-tables translating_tables
  section guard chosen_guard
  section nft-support nft_support
  section mangle-support mangle_support
  section raw raw 4
  section raw6 raw 6
  section flushing flushing
  section service-range service_range
  section source-filters source_filters
  section source-routes source_routes
  section flow-table flow_table
  section bpf-maps bpf_maps
  section boot-obstacles boot_obstacles
  section ipv6 ipv6
  count_users
  # Here the fingerprint is of nothing but what this answer tells.
  ! early || take_fingerprint "$1"
  section native-services native_services
  section fingerprint fingerprint
  state
}

# What a change can alter. After a change, the filter table is enough, and nothing is planned on it, so that it needs no
# fingerprint. For facts it was taken before: a change after it makes the plan stale, and a plan of old rules never looks
# fresh.
state() {
  read_table
  read_chains
  read_boot
  section table table
  section mangle mangle 4
  section mangle6 mangle 6
  section rules rules
  section sets sets
  section set-users set_users
  section boot boot_files
  section boot-program boot_text "$program_text"
  section boot-service boot_text "$service_text"
}

# With a guard before routing, FORWARD matters only where a guard of the kind forward may stand. With an nf_tables backend
# only somebody's hands have made one, and printing its rules takes seconds on a large host.
rules() {
  ! early || legacy || [ -n "$by_hand" ] || return 0
  ! { [ -n "$unnamed" ] && nameless; } || return 0
  { [ -n "$unchanged" ] && [ -n "$saved" ]; } || read_rules
  said=$saved
  return "$rules_code"
}

# Whether no rule can name a set of ours, because there is none: then, for the guard nft, no rule counts after the facts. The
# answer leaves rules out only if there was none before the change either.
nameless() {
  [ "$guard" = nft ] && [ -n "$only" ] || return 1
  ! setless || return 0
  read_sets
  [ "$sets_code" -eq 0 ] || return 1
  case $nl$all_sets in *"${nl}create $our_set "* | *"${nl}create $own_set6 "*) return 1 ;; esac
}
unnamed=

# Sets $saved to what iptables-save prints, once until a rule is changed.
read_rules() {
  [ -z "$rules_read" ] || return 0
  rules_read=yes
  ! { wanted_few && fewer_rules; } || return 0
  at_work
  {
    saved=$(save_rules 2>/dev/null </dev/null)
    rules_code=$?
    case $rules_code in 0 | 143) ;; *) saved=$(save_rules 2>&1 </dev/null); rules_code=$? ;; esac
  } 2>/dev/null
}
rules_code=0
only=

# For all tables, an iptables of nf_tables may take long.
save_rules() {
  [ -z "$by_hand" ] || exec iptables-save -c -t filter 8</dev/null
  [ -n "$only" ] || exec iptables-save -c
  exec iptables-save -c -t "$only" 8</dev/null
}

# Whether fewer rules may do. Asking for a table creates it, so an unloaded one is not asked for. What a session reads later is
# large only if all tables were.
wanted_few() {
  knows /proc/net/ip_tables_names filter || only=
  [ -z "$whole" ] && knows /proc/net/ip_tables_names nat && has awk && { [ -z "$only" ] || [ -n "$large" ]; }
}

# On a large host, reading rules takes longer than all else, so it goes on beside. A shell can keep what is read meanwhile only
# in a pipe: that of a here-document, into which /proc leads. In Bash that is a file, so there it is not done.
begin_rules() {
  [ -z "$begun$rules_read$BASH_VERSION" ] && early && legacy && ! nameless && wanted_few || return 0
  exec 5<<'END'
END
  if { few_rules >&4 4>&- 5<&- & } 4>/proc/self/fd/5; then begun=$!; else exec 5<&-; fi
} 2>/dev/null
begun=

# Sets $saved to the fewer rules. Fails where they cannot be read: then all are read.
fewer_rules() {
  if [ -n "$begun" ]; then
    few=$(exec cat <&5)
    rules_code=$?
    wait "$begun" || rules_code=$?
    exec 5<&-
    begun=
  else
    few=$(few_rules)
    rules_code=$?
  fi
  saved=$few
  case $rules_code in
    0) ;;
    3)
      rules_code=${few##*"$nl"}
      saved=${few%"$rules_code"}
      saved=${saved%"$nl"}
      ;;
    *) return 1 ;;
  esac
  case $nl$few in *"$nl# ClusterIPs"*) large=yes ;; esac
} 2>/dev/null
large=
whole=

# On a large host, nearly all rules are those of single services. A guard before routing needs only FORWARD, rules that name
# a set, and what nat does by other addresses than ClusterIPs. Guard forward needs all rules but those of ClusterIPs, and of
# these the first ones. Of the others the addresses are enough, in a last line. awk reads
# what iptables-save prints, because megabytes take long in a shell. Fails where that cannot be read, and where a line break
# in a comment may hide rules. For some awks, as the one-true-awk, close() is 0 whatever happened: so each table that the
# kernel has must have come to its end. If iptables-save fails, awk prints what it said, and its exit code in a last line.
few_rules() {
  examples=$example_services
  ! early || examples=
  # shellcheck disable=SC2016 # the dollars are for awk
  exec awk -F '"' -v "own=$guard_chain" -v "only=${only:+-t $only 8</dev/null}" -v "examples=$examples" '
    BEGIN {
      if (split(only, word, " ")) missing[word[2]]
      else while ((getline name < "/proc/net/ip_tables_names") > 0) missing[name]
      save = "exec iptables-save -c " only " 2>&1 </dev/null"
      while (!odd && (save | getline) > 0) take()
      status = close(save)
      if (odd) exit 1
      if (status != 0) {
        for (i = 1; i <= all; i++) print first[i]
        print exit_code(status)
        exit 3
      }
      for (name in missing) exit 1
      if (table != "") exit 1
      if (size < 50000) { for (i = 1; i <= all; i++) print first[i]; exit }
      for (i = 1; i <= outs; i++) print out[i]
      printf "# ClusterIPs"
      for (i = 1; i <= blocks; i++) printf " %s", block[i] last_of[block[i]]
      print ""
    }
    function take() {
      line = $0
      if (size < 50000) { size += length(line) + 1; first[++all] = line }
      # A quote within a comment has a backslash before it.
      if (index(line, "\\")) gsub(/\\[^ ]/, "")
      if (NF % 2 == 0) odd = 1
      else if (line ~ /^\[/) {
        if (table != "nat" || line !~ /^[^ ]* -A KUBE-(SVC|SVL|SEP|EXT|XLB)-/) take_rule()
        else if (!index(line, "-set ")) lead[++leading] = line
        else if (examples) { lead[++leading] = line; follow(chain_of(line)) }
        else take_rule()
      } else if (line ~ /^:/) {
        if (examples) { if (table != "nat" || line !~ /^:KUBE-(SVC|SVL|SEP|EXT|XLB)-/) out[++outs] = line }
        else if (!index(line, " - [")) { needed[substr(line, 2, index(line, " ") - 2)]; out[++outs] = line }
        else if (index(line, ":" own " ") == 1) need(own)
      } else if (line ~ /^COMMIT/) end_table()
      else {
        if (line ~ /^\*/) table = substr(line, 2)
        out[++outs] = line
      }
    }
    function take_rule() {
      chain = chain_of(line)
      if (examples) {
        if (chain != "KUBE-SERVICES" || !left_out()) keep()
      } else if (index(line, "-set ")) keep()
      else if (table == "filter") {
        if (chain == "FORWARD" || chain == "FLANNEL-FWD") keep()
      } else if (table == "nat") {
        target = targeted()
        if (goes_on(target)) return
        if (chain == "KUBE-SERVICES" && target ~ /^KUBE-SV[CL]-/ && !index($1, "!") && match($1, / -d [0-9.]+\/32 /) &&
          line !~ /(external|load ?balancer) IP|-m (physdev|addrtype)/) {
          address = substr($1, RSTART + 4, RLENGTH - 8)
          if (!(address in met)) note_address()
        } else keep()
      }
    }
    # Whether a rule is only for a ClusterIP that is none of the first ones of its table. Rules of any other form are kept.
    function left_out() {
      if (NF != 3 || $1 !~ /^\[[0-9:]+\] -A KUBE-SERVICES (! -s [0-9.\/]+ )?-d [0-9.]+\/32 -p [a-z]+ -m comment --comment $/) return 0
      if (table == "nat") {
        if ($2 !~ / cluster IP$/ || $3 !~ /^ -m [a-z]+ --dport [0-9]+ -j (KUBE-SV[CL]-[^ ]+|KUBE-MARK-MASQ)$/) return 0
      } else if (table != "filter" || $2 !~ / has no endpoints$/ ||
        $3 !~ /^ -m [a-z]+ --dport [0-9]+ -j REJECT --reject-with icmp-port-unreachable$/) return 0
      address = substr($1, index($1, " -d ") + 4)
      address = substr(address, 1, index(address, "/") - 1)
      if (!(address in example) && shown < examples) {
        example[address]
        shown++
      }
      if (address in example) return 0
      if (!(address in met)) note_address()
      return 1
    }
    # Addresses that differ in their last number stand together: 10.43.0.1,10,80.
    function note_address(one) {
      met[address]
      match(address, /[0-9]*$/)
      one = substr(address, 1, RSTART - 1)
      if (one in last_of) last_of[one] = last_of[one] "," substr(address, RSTART)
      else {
        block[++blocks] = one
        last_of[one] = substr(address, RSTART)
      }
    }
    function end_table() {
      last = ""
      for (k = 1; wanted && k <= leading; k++) {
        chain = chain_of(lead[k])
        # Each chain is printed in one piece.
        if (chain != last && chain in begin) odd = 1
        if (chain != last) begin[chain] = k
        last = chain
      }
      for (i = 1; i <= wanted; i++) {
        need(want[i])
        for (k = begin[want[i]]; k <= leading && chain_of(lead[k]) == want[i]; k++) {
          $0 = lead[k]
          gsub(/\\[^ ]/, "")
          target = targeted()
          if (!examples && goes_on(target)) continue
          rule[++rules] = lead[k]
          follow(target)
        }
      }
      for (i = 1; i <= needs; i++) out[++outs] = ":" need_of[i] " - [0:0]"
      for (i = 1; i <= rules; i++) out[++outs] = rule[i]
      out[++outs] = "COMMIT"
      delete missing[table]
      rules = wanted = needs = leading = shown = 0
      table = ""
      split("", needed); split("", followed); split("", begin); split("", lead); split("", example)
    }
    # Of close(): the exit code, 256 and the signal, or as wait() has it. The last tells a signal as an exit code that
    # iptables-save does not have.
    function exit_code(status) {
      if (status % 256 == 0) status /= 256
      else if (status > 256 || status == 9 || status == 15) status = 128 + status % 256
      return status < 1 ? 1 : int(status)
    }
    function chain_of(line, chain) {
      chain = substr(line, index(line, " -A ") + 4) " "
      return substr(chain, 1, index(chain, " ") - 1)
    }
    # What is in quotes does not count.
    function targeted(bare, i) {
      bare = $NF
      if (!match(bare, / -[jg] [^ ]+/)) {
        bare = ""
        for (i = 1; i <= NF; i += 2) bare = bare $i
        if (!match(bare, / -[jg] [^ ]+/)) return ""
      }
      return substr(bare, RSTART + 4, RLENGTH - 4)
    }
    function is_service(name) { return name ~ /^KUBE-(SVC|SVL|SEP|EXT|XLB)-/ }
    function goes_on(name) { return name ~ /^(KUBE-MARK-MASQ|KUBE-MARK-DROP|RETURN|ACCEPT|MASQUERADE)$/ }
    function keep() {
      rule[++rules] = line
      if (!examples) need(chain)
      if (table == "nat") follow(targeted())
    }
    function need(name) { if (!(name in needed)) { needed[name]; need_of[++needs] = name } }
    function follow(name) {
      if (!is_service(name) || name in followed) return
      followed[name]
      want[++wanted] = name
    }' 2>/dev/null
}

sets() {
  [ "$guard" != nft ] || ! setless || return 0
  read_sets
  said=$all_sets
  return "$sets_code"
}

# Sets $all_sets to what `ipset save` prints, once until a set is changed.
read_sets() {
  [ -z "$sets_read" ] || return 0
  sets_read=yes
  ! few_again || return 0
  few_sets=
  { all_sets=$(ips save 2>&1); sets_code=$?; } 2>/dev/null
  { [ "$guard" != nft ] || [ -n "$whole" ] || [ "$sets_code" -ne 0 ] || [ "${#all_sets}" -lt 50000 ]; } || fewer_members
}

# On a large host, others have tens of thousands of members. For the guard nft, only these count: of our set, of sets
# that an older guard may have, of sets of sets, and the pod networks and nodes of Calico. Of other sets, name and type are
# enough. A comment, which may hold line breaks, stands in quotes.
fewer_members() {
  case $all_sets in *'"'*) return 0 ;; esac
  case $our_set in '' | *[!-A-Za-z0-9_]*) return 0 ;; esac
  few=$(feed "$all_sets" exec sed -n -e '/^create /!{G;s/\n$//p;d;}' -e "/^create $our_set /b kept" \
    -e '/^create cali40[a-z]*-[a-z]*-pools /b kept' -e '/^create cali[46]0all-[a-z]*-net /b kept' \
    -e '/^create [^ ]* hash:ip /b kept' -e '/^create [^ ]* list:set /b kept' -e 's/^\(create [^ ]* [^ ]*\) .*/\1/p' \
    -e 's/.*/-/' -e 'h;d' -e ':kept' -e p -e 's/.*//' -e h) || return 0
  all_sets=$few
  few_sets=yes
}
our_set=
few_sets=

# Sets $users to how many rules and sets use each set of ours that stands, also those that are not read here: of ip6tables, or of
# the other backend. Only the facts ask; later answers say the same. $by_hand: with an nf_tables backend, more than our chain
# use the set.
count_users() {
  users=
  by_hand=
  ! setless || return 0
  read_chains
  own_chains
  read_sets
  for name in "$our_set" "$own_set6"; do
    case $nl$all_sets in *"${nl}create ${name:-?} "*) ;; *) continue ;; esac
    try ips list -t "$name" || continue
    used=${out##*References: }
    used=${used%%"$nl"*}
    case $used in '' | *[!0-9]*) continue ;; esac
    users=$users$name$tab$used$nl
    { [ "$name" = "$our_set" ] && early && nft_backend; } || continue
    IFS=$nl
    for line in $own; do
      case $line in *" --match-set $name "*) used=$((used - 1)) ;; esac
    done
    IFS=$blank
    [ "$used" -le 0 ] || by_hand=yes
  done
}
users=
by_hand=

set_users() {
  said=$users
}

# Whether the fewer members do again for a change: none of the sets is ours, none has come and none has gone.
few_again() {
  [ -n "$few_sets" ] && [ -n "$only" ] || return 1
  known_names
  case $names in
    *"$nl$our_set$nl"* | *"$nl$own_set6$nl"*) ;;
    *) out=$(ips -n list) && [ "$names" = "$nl$out$nl" ] && return 0 ;;
  esac
  names=
  return 1
} 2>/dev/null

# Sets $names to the names of the sets that were read, one a line, or to nothing where they are not known.
known_names() {
  names=
  [ -n "$sets_read" ] && [ "$sets_code" -eq 0 ] || return 0
  case $all_sets in *'"'*) return 0 ;; esac
  IFS=$nl
  for line in $all_sets; do
    case $line in 'create '*) line=${line#create } && names=$names$nl${line%% *} ;; esac
  done
  IFS=$blank
  names=$names$nl
}

early() { # whether the guard stands before routing
  case $guard in nft | mangle) return 0 ;; esac
  return 1
}

# Where the inventory leaves the choice: nft where it takes our table, else mangle. A fault of the moment is no reason to
# choose anew.
choose_guard() {
  [ "$guard" = auto ] || return 0
  guard=nft
  chosen=nft
  said=
  nft_support
  supported=$?
  [ "$supported" -ne 1 ] || guard=mangle chosen="mangle$tab$said"
  support_said=$said
}
chosen=
support_said=

chosen_guard() {
  [ -z "$chosen" ] || say "$chosen"
}

legacy() { # whether there is an iptables, and its backend is the legacy one
  [ -n "$version" ] && ! nft_backend
}

# Sets $version; empty without an iptables. Since 1.8 the name of its file tells the backend, and only the guard mangle needs
# to know more.
learn_version() {
  version=
  has iptables || return 0
  IFS=:
  for place in $PATH; do
    [ ! -x "$place/iptables" ] || break
  done
  IFS=$blank
  for backend in legacy nft; do
    for file in "/usr/sbin/xtables-$backend-multi" "/sbin/xtables-$backend-multi"; do
      # shellcheck disable=SC3013 # all shells that this runs under have it
      [ "$guard" = mangle ] || ! [ "$place/iptables" -ef "$file" ] || version=$backend
    done
  done
  case $version in
    legacy) version='iptables v1.8 (legacy)' ;;
    nft) version='iptables v1.8 (nf_tables)' ;;
    *) version=$(exec iptables -V 2>&1) ;;
  esac
}

# By its version iptables is spoken to, and known by its backend. One that failed when it was asked is asked again.
known_version() {
  case $version in 'iptables v'*) return 0 ;; esac
  has iptables || return 0
  learn_version
  case $version in 'iptables v'*) return 0 ;; esac
  why="iptables -V failed: $version"
  return 1
}

untrusted_room() {
  if ! trusted; then
    say "$why"
  elif [ ! -w "${room%/*}" ]; then
    say unwritable-room
  fi
}

# Names this boot of this kernel.
machine() {
  boot=
  read -r boot </proc/sys/kernel/random/boot_id
  [ -z "$boot" ] || say "$boot"
} 2>/dev/null

own_notes() {
  ! trusted || present "$room/note"
}

# A directory for each interface. A shell would read /proc/net/dev byte by byte.
devices=/proc/sys/net/ipv4/conf

# Addresses, routes, permanent neighbours and links by one process. Links come last: old versions of ip forget there that IPv4
# was asked for.
network() {
  { said=$(feed "addr show${nl}route show${nl}neigh show nud permanent${nl}link show" exec ip -4 -o -batch - 2>&1); } 2>/dev/null
}

# The bridges of Linux. `ip link` shows only that an interface has ports, as a bond and a team have.
bridges() {
  ! early || return 0
  set +f
  for path in /sys/class/net/*/bridge; do
    [ ! -d "$path" ] || { path=${path%/bridge} && say "${path##*/}"; }
  done
  set -f
}

# Which node is at the far end of a VXLAN tunnel: flannel and Calico give each node's pod network a gateway there, which is a
# permanent neighbour, and the gateway's MAC the address of its node (fdb).
tunnels() {
  set +f
  for path in "$devices"/flannel.* "$devices"/vxlan*; do
    [ -e "$path" ] || continue
    say "device ${path##*/}"
    said=$said$(exec bridge fdb show dev "${path##*/}" </dev/null)$nl
  done
  set -f
} 2>/dev/null

present() { # FILE
  [ ! -r "$1" ] || while IFS= read -r row || [ -n "$row" ]; do say "$row"; done <"$1"
}

tools() {
  case $guard in
    nft) set -- nft ;;
    *) set -- iptables iptables-save ipset ;;
  esac
  for tool in "$@" ip setsid; do
    has "$tool" || say "$tool"
  done
}

# What iptables needs. What the kernel has loaded stands in /proc. For the rest modprobe says, in a dry run, whether it could be loaded.
support() {
  [ "$guard" != nft ] || return 0
  knows /proc/net/ip_tables_matches set || loadable xt_set || say 'match set'
  knows /proc/net/ip_tables_matches conntrack || loadable xt_conntrack || say 'match conntrack'
  knows /proc/net/ip_tables_targets REJECT || loadable ipt_REJECT || say 'target REJECT'
}

knows() { # FILE NAME: whether a line of the file is that name
  while read -r known; do
    [ "$known" != "$2" ] || return 0
  done <"$1"
  return 1
} 2>/dev/null

loadable() { # MODULE
  modprobe -n -q "$1" 2>/dev/null
}

firewalls() {
  if [ -d /run/systemd/system ] && systemctl is-active --quiet firewalld 2>/dev/null || running /run/firewalld.pid; then
    say firewalld
  fi
  [ ! -r /etc/ufw/ufw.conf ] || while IFS= read -r row || [ -n "$row" ]; do
    case $row in ENABLED=yes*) say ufw ;; esac
  done </etc/ufw/ufw.conf
}

running() { # PIDFILE, which firewalld ends without a newline: read fails there, though it has read
  [ -r "$1" ] && { read -r pid <"$1" || [ -n "$pid" ]; } && kill -0 "$pid" 2>/dev/null
}

# The rules of the backend that `iptables` does not use. The legacy one is read only if it has tables, because asking
# creates them.
other_rules() {
  ! early || return 0
  if nft_backend; then
    ! loaded /proc/net/ip_tables_names || run iptables-legacy-save
  elif has iptables-nft-save; then
    run iptables-nft-save
  fi
}

# The tables of nft that translate addresses, besides those of iptables and kube-proxy, which are read elsewhere. The plugins of CNI,
# docker, CRI-O and netavark publish ports by such tables. A table without a word of it is left out. Of a long one, of one too many, and
# of one whose name nft might take for more, only the name is told.
translating_tables() {
  [ "$guard$table_fault" = forward ] && has nft && may_translate || return 0
  if ! try nfts list chains; then
    say "$why"
    return 1
  fi
  hidden=
  ! has iptables-nft-save || hidden='ip nat'
  tables=
  IFS=$nl
  for line in $out; do
    case $line in
      'table ip '* | 'table inet '*) name=${line#table } && name=${name%%" {"*} ;;
      'table '*) name= ;;
      *'type nat hook prerouting '*)
        case $name in '' | "$hidden" | 'ip kube-proxy') ;; *) tables=$tables$name$nl ;; esac
        name=
        ;;
    esac
  done
  asked=0
  for name in $tables; do
    IFS=$blank
    asked=$((asked + 1))
    case $asked,${name#* } in
      [1-8],[!A-Za-z_]* | *,*[!A-Za-z0-9_.-]*) say "only $name" ;;
      [1-8],*) translating_table || return 1 ;;
      *) say "only $name" ;;
    esac
  done
  IFS=$blank
}

# Says the table $name, if it is still there.
translating_table() {
  if ! try nfts list table "${name% *}" "${name#* }"; then
    case $code,$out in 1,*'Error: No such file or directory'*) return 0 ;; esac
    say "$why"
    return 1
  fi
  case $out in *[" $tab"]'dnat '*) ;; *) return 0 ;; esac
  [ "${#out}" -le 50000 ] || out="only $name"
  say "$out"
}

# Each chain of nft that translates counts as a user of its module.
may_translate() {
  [ -r /sys/module/nf_tables/refcnt ] || return 0
  for module in nft_chain_nat nft_chain_nat_ipv4; do
    used=0
    read -r used <"/sys/module/$module/refcnt"
    [ "$used" = 0 ] || return 0
  done
  return 1
} 2>/dev/null

loaded() { # FILE: whether it has a line
  read -r _ <"$1"
} 2>/dev/null

nft_backend() {
  case $version in *nf_tables*) return 0 ;; esac
  return 1
}

# The service that flushes all tables, ours among them, whatever its file says: when it stops, and on Fedora when it reloads. The
# file of a masked one leads to /dev/null.
flushing() {
  [ ! -c /etc/systemd/system/nftables.service ] || return 0
  set +f
  for link in /etc/systemd/system/*.wants/nftables.service; do
    [ ! -h "$link" ] || said=nftables$nl
  done
  set -f
}

# What a control plane says of the network of services: kube-apiserver's manifest, and the files of k3s and rke2.
service_range() {
  ranges_in /etc/kubernetes/manifests/kube-apiserver.yaml
  ranges_in /etc/rancher/k3s/config.yaml
  ranges_in /etc/rancher/rke2/config.yaml
  return 0
}

ranges_in() { # FILE
  listed=
  while read -r first rest || [ -n "$first" ]; do
    rest=${rest%%"#"*}
    case $first,$rest in
      -,--service-cluster-ip-range=*) say "${rest#*=}" ;;
      service-cidr:,*[0-9]*) say "$rest" ;;
      service-cidr:,*) listed=yes && continue ;;
      -,*) [ -z "$listed" ] || { say "$rest" && continue; } ;;
      '#'*) continue ;;
    esac
    listed=
  done <"$1"
} 2>/dev/null

# The services of a kube-proxy in nftables mode, by the names of its set and chain. One that writes rules of the legacy nat
# has none.
native_services() {
  ! early || ! has nft || serves_by_rules && return
  native_family ip && { [ -z "$said" ] || ! forwards || native_family ip6; }
}

serves_by_rules() {
  legacy && knows /proc/net/ip_tables_names nat || return 1
  read_rules
  case $nl$saved in *"$nl:KUBE-SERVICES "* | *"$nl# ClusterIPs "*) return 0 ;; esac
  return 1
}

# One nft reads set and chain: of two families, old versions find only one.
native_family() { # ip | ip6
  if try nfts "list set $1 kube-proxy cluster-ips; list chain $1 kube-proxy cluster-ips-check"; then
    said=$said$out$nl
    return
  fi
  case $code,$out in 1,*'Error: No such file or directory'* | *'Protocol not supported'*) return 0 ;; esac
  say "$why"
  return 1
}

# The sysctl rp_filter of `all`, and of each interface that is not a pod's.
source_filters() {
  early || return 0
  set +f
  for path in "$devices"/*; do
    case ${path##*/} in default | cali* | veth* | lxc*) ;; *) source_filter "${path##*/}" ;; esac
  done
  set -f
} 2>/dev/null

source_filter() { # all | INTERFACE
  value=
  read -r value <"$devices/$1/rp_filter"
  [ -z "$value" ] || say "$1 $value"
}

# The interfaces by which the host takes packets with a source route: both this sysctl of the interface and that of `all` must be on.
source_routes() {
  early && takes_source_routes all || return 0
  set +f
  for path in "$devices"/*; do
    case ${path##*/} in all | default | cali* | veth* | lxc*) continue ;; esac
    ! takes_source_routes "${path##*/}" || say "${path##*/}"
  done
  set -f
} 2>/dev/null

takes_source_routes() { # all | INTERFACE
  value=
  read -r value <"$devices/$1/accept_source_route"
  [ "${value:-0}" != 0 ]
}

# Whether rules put connections into a flow table: each such rule counts as a user of the module.
flow_table() {
  used=0
  read -r used </sys/module/nft_flow_offload/refcnt
  [ "$used" = 0 ] || say "$used"
} 2>/dev/null

# A map of Calico's eBPF data plane. Not every version, and not every setting, has interfaces of its own (felix/bpf/maps). Felix
# deletes the maps when the data plane is switched off (felix/bpf/tc/cleanup.go).
bpf_maps() {
  set +f
  for map in /sys/fs/bpf/tc/globals/cali_v[46]_*; do
    [ ! -e "$map" ] || say "$map"
    break
  done
  set -f
}

# Addresses and routes as /proc has them, of a host that forwards IPv6. Other hosts have no pods that IPv6 reaches. A shell would
# read them byte by byte, and the routes are long.
ipv6() {
  forwards || return 0
  run cat /proc/net/if_inet6 /proc/net/ipv6_route
  said=$said$nl
  each_temporary "$said"
}

# The interfaces with temporary addresses, of which the last flag tells, if the host prefers these as sources (ip-sysctl).
each_temporary() { # ROWS
  IFS=$nl
  # shellcheck disable=SC2086 # rows are separated by newlines
  set -- $1
  IFS=$blank
  for row; do
    # shellcheck disable=SC2086 # fields are separated by blanks
    set -- $row
    [ "$#" -eq 6 ] || continue
    case $5 in *[13579bdf]) ;; *) continue ;; esac
    value=
    read -r value <"/proc/sys/net/ipv6/conf/$6/use_tempaddr"
    [ "${value:-0}" -lt 2 ] || say "prefers $6"
  done
} 2>/dev/null

# Whether the host forwards IPv6, as ip6_forward() of the kernel has it: by any value of `all` but 0, or, since 6.17, by
# `force_forwarding` of an interface.
forwards() {
  set +f
  set -- /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv6/conf/*/force_forwarding
  set -f
  for path; do
    # A shell that reads a sysctl byte by byte never sees the end of its line, so read fails though it has read.
    value=
    read -r value <"$path"
    [ "${value:-0}" = 0 ] || return 0
  done
  return 1
} 2>/dev/null
