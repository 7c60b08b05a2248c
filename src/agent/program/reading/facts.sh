# shellcheck shell=sh disable=SC2034,SC2154 # the parts share their variables
# Facts: everything that a host can tell. Nothing here changes a host.

facts() { # SET
  [ -z "$whole" ] || large=
  activity=
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
  section odd-backends odd_backends
  section unseen-rules unseen_rules
  section unseen-table unseen_table
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
