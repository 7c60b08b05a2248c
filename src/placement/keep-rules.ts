/** What an administrator must do so that rules which a remedy has added come back at boot. A saved file would have all rules of Kubernetes. */
export const keepRules =
  'After a reboot, these rules are gone. To keep them, add them by hand to the file of your own rules, for example /etc/iptables/rules.v4.'
