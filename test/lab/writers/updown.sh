#!/bin/sh
# strongSwan's own script for the rules of a tunnel that leads from another network to the pods of this host, run as
# charon runs it. Usage: updown.sh up|down PODS
set -eu

PLUTO_VERSION=1.1 PLUTO_VERB=$1-client PLUTO_CONNECTION=office PLUTO_INTERFACE=ens18 \
  PLUTO_REQID=1 PLUTO_PROTO=esp PLUTO_UNIQUEID=1 PLUTO_ME=192.168.64.11 PLUTO_MY_ID=192.168.64.11 \
  PLUTO_MY_CLIENT=$2 PLUTO_MY_PORT=0 PLUTO_MY_PROTOCOL=all PLUTO_PEER=203.0.113.5 PLUTO_PEER_ID=203.0.113.5 \
  PLUTO_PEER_CLIENT=10.9.0.0/16 PLUTO_PEER_PORT=0 PLUTO_PEER_PROTOCOL=all sh /usr/lib/ipsec/_updown iptables
