#!/bin/sh
# First process of a guest that runs whole scripts: makes modules findable as real/guest-init.sh does, runs every script twice and
# powers off. Settings come in the environment, from the kernel's command line.
export PATH=/srv/patchcord/tests/conformance/real/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LC_ALL=C TZ=UTC
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
for script in /srv/results/*.sh; do
  for run in 1 2; do
    unshare -n -m -u -p -f --kill-child bash /srv/results/run-apart "$script" $run
  done
done
echo o >/proc/sysrq-trigger
sleep 10
