/** What an administrator must do so that rules which a remedy has added come back at boot. A saved file would have all rules of Kubernetes. */
export const keepRules =
  'To keep this after a reboot, add the same rules by hand to the file that restores your own rules, for example /etc/iptables/rules.v4.'
