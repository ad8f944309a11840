#!/bin/sh
# First process of a user-mode-linux guest whose root is this machine's, read-only, with devices of its own: runs
# jobs (apart.sh) one after the other and powers off. Settings come in the environment, from the kernel's command
# line. Every program that is started costs a guest some tenths of a second.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TZ=UTC
. "$guest_tree/tests/conformance/real/guest-prepare.sh"
set -- /srv/results/*/
[ $# -gt 1 ] && apart='unshare -n -m -u -p -f --kill-child'
for job; do
  $apart bash /srv/patchcord/tests/conformance/real/apart.sh \
    /srv/patchcord "$job" "$guest_host" "$guest_loopback" "$guest_node"
done
echo o >/proc/sysrq-trigger
sleep 10
