#!/bin/bash
# Runs one job (child.ts) in namespaces that are there already: /run and /tmp are empty, /sys is that of the network namespace,
# and the tree is at /mnt/patchcord, because /tmp, where it may be, is hidden. Arguments: the tree, the job's folder, the
# name of the host, "up" or "down" for the loopback, Node.
tree=$1 folder=$2 host=$3 loopback=$4 node=$5
mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /mnt &&
  mkdir /mnt/patchcord /mnt/results && mount --bind "$tree" /mnt/patchcord && mount --bind "$folder" /mnt/results &&
  mount -t tmpfs tmpfs /run && mkdir -p /run/netns /run/lock && mount -t tmpfs tmpfs /tmp && mount -t sysfs sysfs /sys &&
  hostname "$host" || exit 90
for directory in /etc/openvswitch /var/lib/openvswitch /etc/netns /var/log; do
  [ ! -d $directory ] || mount -t tmpfs tmpfs $directory || exit 90
done
[ "$loopback" = up ] && ip link set lo up
cd /tmp && exec "$node" /mnt/patchcord/node_modules/.cache/patchcord-conformance/child.mjs
