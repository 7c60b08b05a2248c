/** What to do where the kernel lacks modules: sentences of a remedy. An upgrade deletes those of the kernel that still runs. */
export const installModules =
  'If the kernel was upgraded after that host had started, reboot that host. Otherwise install the modules of its kernel: `apt-get install linux-modules-$(uname -r) linux-modules-extra-$(uname -r)` on Ubuntu, `yum install kernel-modules-$(uname -r)` on Red Hat.'
