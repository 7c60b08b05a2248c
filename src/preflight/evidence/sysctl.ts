/** What follows `sysctl -w` in a remedy: that command alone lasts until the host is rebooted. */
export const keepSysctl =
  'To keep this after a reboot, write the same settings into a file in /etc/sysctl.d.'
