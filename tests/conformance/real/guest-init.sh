#!/bin/bash
# First process of a user-mode-linux guest whose root is this machine's, read-only: hides what belongs to the machine,
# makes modules findable, runs one job (child.ts) and powers off. Settings come as guest.NAME=VALUE of the command line.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TZ=UTC
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /mnt
for word in $(cat /proc/cmdline); do
  case $word in guest.*) setting=${word#guest.}; eval "${setting%%=*}='${setting#*=}'" ;; esac
done
mkdir -p /mnt/results /mnt/patchcord "/mnt/modules/lib/modules"
mount -t hostfs -o "$results" none /mnt/results
mount --bind "$tree" /mnt/patchcord
exec >/mnt/results/console 2>&1
ln -s "/usr/lib/uml/modules/$(uname -r)" /mnt/modules/lib/modules/
printf '#!/bin/sh\nexec /sbin/modprobe -d /mnt/modules "$@"\n' >/mnt/modprobe
chmod +x /mnt/modprobe
echo /mnt/modprobe >/proc/sys/kernel/modprobe
/mnt/modprobe -qa ipv6 af_packet unix tun
for directory in /run /tmp /root /var/log /var/tmp /etc/openvswitch /var/lib/openvswitch /etc/netns; do
  [ -d $directory ] && mount -t tmpfs tmpfs $directory
done
mkdir -p /run/netns /run/lock /run/openvswitch /var/log/openvswitch
mount -t tmpfs -o mode=755 tmpfs /dev
mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/zero c 1 5; mknod -m 666 /dev/full c 1 7
mknod -m 666 /dev/random c 1 8; mknod -m 666 /dev/urandom c 1 9; mknod -m 666 /dev/tty c 5 0
mkdir /dev/net /dev/pts /dev/shm
mknod -m 600 /dev/net/tun c 10 200
ln -s /proc/self/fd /dev/fd
hostname "$host"
[ "$lo" = up ] && ip link set lo up
cd /tmp
"$node" /mnt/patchcord/node_modules/.cache/patchcord-conformance/child.mjs </mnt/results/job.json
echo $? >/mnt/results/status
sync
echo o >/proc/sysrq-trigger
sleep 10
