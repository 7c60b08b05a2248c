# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# The rules of iptables: all, or on a large host those that a plan needs.

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
