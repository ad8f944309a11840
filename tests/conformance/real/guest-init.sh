#!/bin/sh
# First process of a user-mode-linux guest whose root is this machine's, read-only, with devices of its own: makes modules
# findable, runs jobs (apart.sh) one after the other and powers off. Settings come in the environment, from the kernel's command
# line. Every program that is started costs a guest some tenths of a second.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TZ=UTC
mount -t proc proc /proc
mount -t tmpfs tmpfs /srv
mkdir -p /srv/results /srv/patchcord /srv/modules/lib /dev/pts /dev/shm
mount -t hostfs -o "$guest_results" none /srv/results
exec >/srv/results/console 2>&1
mount --bind "$guest_tree" /srv/patchcord
ln -s /usr/lib/uml/modules /srv/modules/lib/modules
ln -s /proc/self/fd /dev/fd
cp /srv/patchcord/tests/conformance/real/guest-modprobe.sh /srv/modprobe
echo /srv/modprobe >/proc/sys/kernel/modprobe
/srv/modprobe -qa ipv6 af_packet unix tun
set -- /srv/results/*/
[ $# -gt 1 ] && apart='unshare -n -m -u -p -f --kill-child'
for job; do
  $apart bash /srv/patchcord/tests/conformance/real/apart.sh \
    /srv/patchcord "$job" "$guest_host" "$guest_loopback" "$guest_node"
done
echo o >/proc/sysrq-trigger
sleep 10
