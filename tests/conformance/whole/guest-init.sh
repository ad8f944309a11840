#!/bin/sh
# First process of a guest that runs whole scripts: runs every script twice and powers off. Settings come in the environment, from the kernel's command line.
export PATH=/srv/patchcord/tests/conformance/real/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root LC_ALL=C TZ=UTC
. "$guest_tree/tests/conformance/real/guest-prepare.sh"
for script in /srv/results/*.sh; do
  for run in 1 2; do
    unshare -n -m -u -p -f --kill-child bash /srv/results/run-apart "$script" $run
  done
done
echo o >/proc/sysrq-trigger
sleep 10
