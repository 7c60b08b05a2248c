#!/bin/sh
# Makes the overlay layers that the hosts of every lab have in common, so that a host writes next to nothing:
# base, the two backends, the ways to log in, what /bin/sh is, the el7 flavour, and what the jump host needs.
# layers.ts runs it once for each state of what it reads.
# Usage: layers.sh DIRECTORY-OF-THE-LAB LAYERS WHERE-THEY-WILL-BE
set -eu
umask 022

here=$1
layers=$2

# What overlayfs takes for "deleted here".
whiteout() { mknod "$1" c 0 0; }

# --- the jump host: tools, a key, root at home there ------------------------------------------------------------------
mkdir -p "$layers/jump/bin"
cp "$here"/tools/* "$layers/jump/bin/"
chmod 755 "$layers/jump/bin"/*
ssh-keygen -q -t ed25519 -N '' -C jump -f "$layers/jump/id_ed25519"
# ssh looks up its home in the password database, not in $HOME.
awk -F: -v OFS=: '$3 == 0 { $6 = "/dev/shm/jump" } { print }' /etc/passwd >"$layers/jump/passwd"
# The layers lie in the machine's /dev/shm, so they move to /run before the lab's own /dev/shm hides them.
cat >"$layers/jump/fstab" <<END
lab-run /run tmpfs mode=755
$3 /run/layers none bind,ro,X-mount.mkdir
/run/layers/jump/passwd /etc/passwd none bind
lab /dev/shm tmpfs mode=755
END

# --- base: accounts, sshd, an empty home ------------------------------------------------------------------------------
base=$layers/base
mkdir -p "$base/etc/ssh" "$base/etc/sudoers.d" "$base/etc/pam.d" "$base/root/.ssh" "$base/home/ops/.ssh" \
  "$base/usr/lib/lab" "$base/var/log" "$base/mnt"
awk -F: '$3 < 1000 || $3 == 65534' /etc/passwd |
  awk -F: -v OFS=: '$3 == 0 { $6 = "/root"; $7 = "/bin/bash" } { print }' >"$base/etc/passwd"
echo 'ops:x:1000:1000::/home/ops:/bin/bash' >>"$base/etc/passwd"
awk -F: '$3 < 1000 || $3 == 65534' /etc/group >"$base/etc/group"
echo 'ops:x:1000:' >>"$base/etc/group"
# Nobody but ops has a password: ops-password.
awk -F: '$1 != "ops" { print $1 ":*:19000:0:99999:7:::" }' "$base/etc/passwd" >"$base/etc/shadow"
# shellcheck disable=SC2016 # a crypt(3) hash, not an expansion
echo 'ops:$6$fwrunlab$0IvG9JYySAteb0Ra/3O2iuZITwL4w3/dIc2kjotn5tiFPdJj.4KO9V9hjKUTSlUmxkAiigmKqpCzumzSEa2hq1:19000:0:99999:7:::' \
  >>"$base/etc/shadow"
chmod 640 "$base/etc/shadow"
chgrp shadow "$base/etc/shadow" 2>/dev/null || :

cp "$layers/jump/id_ed25519.pub" "$base/root/.ssh/authorized_keys"
cp "$layers/jump/id_ed25519.pub" "$base/home/ops/.ssh/authorized_keys"
chmod 700 "$base/root" "$base/root/.ssh" "$base/home/ops/.ssh"
chown -R 1000:1000 "$base/home/ops"

cat >"$base/etc/ssh/sshd_config" <<'END'
PidFile /run/sshd.pid
LogLevel VERBOSE
UsePAM yes
UseDNS no
PubkeyAuthentication yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PrintMotd no
PrintLastLog no
X11Forwarding no
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
END
for service in sshd sudo; do
  cat >"$base/etc/pam.d/$service" <<'END'
auth required pam_unix.so
account required pam_unix.so
session required pam_limits.so
session required pam_unix.so
END
done

cat >"$base/etc/sudoers" <<'END'
Defaults env_reset
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Defaults logfile=/var/log/sudo.log, loglinelen=0
Defaults !syslog, !mail_badpass, !mail_no_user
root ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
END
chmod 440 "$base/etc/sudoers"

for foreign in /root/* /root/.[!.]* /home/* /etc/sudoers.d/* /etc/ssh/ssh_host_* /etc/ssh/sshd_config.d/* /etc/nologin; do
  if [ -e "$foreign" ] && [ ! -e "$base$foreign" ]; then
    mkdir -p "$base${foreign%/*}"
    whiteout "$base$foreign"
  fi
done
: >"$base/var/log/sshd.log"
: >"$base/var/log/sudo.log"
chmod 600 "$base/var/log/sudo.log"
cp "$here/break-tool.sh" "$here/mend-tools.sh" "$here"/writers/*.sh "$base/usr/lib/lab/"

# --- devices: the ptmx of the host's own devpts -----------------------------------------------------------------------
dev=$base/dev
mkdir -p "$dev/pts" "$dev/shm"
for node in null zero full random urandom tty; do cp -a "/dev/$node" "$dev/"; done
ln -s pts/ptmx "$dev/ptmx"
ln -s /proc/self/fd "$dev/fd"
ln -s fd/0 "$dev/stdin"
ln -s fd/1 "$dev/stdout"
ln -s fd/2 "$dev/stderr"

# --- backends ---------------------------------------------------------------------------------------------------------
for backend in legacy nft; do
  mkdir -p "$layers/backend-$backend/etc/alternatives"
  for tool in iptables ip6tables; do
    for suffix in '' -save -restore; do
      ln -s "/usr/sbin/$tool-$backend$suffix" "$layers/backend-$backend/etc/alternatives/$tool$suffix"
    done
  done
done

# --- ways to become root ----------------------------------------------------------------------------------------------
for login in sudo sudo-password no-sudo root; do mkdir -p "$layers/login-$login/etc/sudoers.d"; done
echo 'ops ALL=(ALL:ALL) NOPASSWD: ALL' >"$layers/login-sudo/etc/sudoers.d/ops"
echo 'ops ALL=(ALL:ALL) ALL' >"$layers/login-sudo-password/etc/sudoers.d/ops"
mkdir -p "$layers/pty/etc/sudoers.d" "$layers/no-pty/etc/sudoers.d"
echo 'Defaults use_pty' >"$layers/pty/etc/sudoers.d/pty"
echo 'Defaults !use_pty' >"$layers/no-pty/etc/sudoers.d/pty"
chmod 440 "$layers"/login-*/etc/sudoers.d/* "$layers"/*pty/etc/sudoers.d/*

# --- what login shells print, and what /bin/sh is ---------------------------------------------------------------------
mkdir -p "$layers/quiet" "$layers/noisy/root" "$layers/noisy/home/ops/.config/fish"
for startup in root/.bashrc home/ops/.bashrc home/ops/.tcshrc home/ops/.config/fish/config.fish; do
  echo 'echo "This machine is watched."; sh -c "echo no locale, using C >&2"' >"$layers/noisy/$startup"
done
chmod 700 "$layers/noisy/root"
chown -R 1000:1000 "$layers/noisy/home/ops"
for sh in dash bash busybox; do
  mkdir -p "$layers/sh-$sh/usr/bin"
  ln -s "$sh" "$layers/sh-$sh/usr/bin/sh"
done

# --- el7: old tools by wrapper, the real ones out of PATH -------------------------------------------------------------
el7=$layers/el7
mkdir -p "$el7/etc" "$el7/usr/lib/lab/real" "$el7/usr/sbin" "$el7/usr/bin"
cat >"$el7/etc/os-release" <<'END'
NAME="CentOS Linux"
VERSION="7 (Core)"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="7"
PRETTY_NAME="CentOS Linux 7 (Core)"
CPE_NAME="cpe:/o:centos:centos:7"
END
echo 'CentOS Linux release 7.9.2009 (Core)' >"$el7/etc/centos-release"
echo 'CentOS Linux release 7.9.2009 (Core)' >"$el7/etc/redhat-release"
[ ! -e /etc/debian_version ] || whiteout "$el7/etc/debian_version"

real=$el7/usr/lib/lab/real
cp -p /usr/sbin/xtables-legacy-multi "$real/"
for tool in iptables ip6tables; do
  for suffix in '' -save -restore; do ln -s xtables-legacy-multi "$real/$tool$suffix"; done
done
for tool in ipset ip sudo; do cp -p "$(readlink -f "$(command -v "$tool")")" "$real/$tool"; done
for path in /usr/sbin/*tables* /usr/sbin/nft /usr/sbin/ipset /usr/sbin/ip /usr/bin/ip /usr/bin/sudo; do
  if [ -e "$path" ] || [ -L "$path" ]; then whiteout "$el7$path"; fi
done
install_wrapper() {
  rm -f "$el7$2"
  cp "$here/el7/$1.sh" "$el7$2"
  chmod 755 "$el7$2"
}
for tool in iptables ip6tables; do
  install_wrapper iptables "/usr/sbin/$tool"
  install_wrapper iptables-save "/usr/sbin/$tool-save"
  install_wrapper iptables-restore "/usr/sbin/$tool-restore"
done
install_wrapper ipset /usr/sbin/ipset
install_wrapper ip /usr/sbin/ip
install_wrapper sudo /usr/bin/sudo
