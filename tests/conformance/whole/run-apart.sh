#!/bin/bash
# Runs one script in namespaces that are there already, with an empty /run and /tmp, and writes what it printed, and how it ended.
# Arguments: the script, and the number of the run.
name=$(basename "$1" .sh)
mount --make-rprivate / && mount -t proc proc /proc && mount -t tmpfs tmpfs /mnt && mkdir /mnt/results &&
  mount --bind /srv/results /mnt/results && mount -t tmpfs tmpfs /run && mkdir -p /run/netns /run/lock &&
  mount -t tmpfs tmpfs /tmp && mount -t sysfs sysfs /sys && hostname vethhost || exit 90
for directory in /etc/openvswitch /var/lib/openvswitch /etc/netns /var/log; do
  [ ! -d $directory ] || mount -t tmpfs tmpfs $directory || exit 90
done
ip link set lo up
cd /tmp || exit 90
grep -q ovs- "$1" && ovs-start >/dev/null 2>&1
cp "$1" "$name.sh"
bash "$name.sh" >/mnt/results/"$name.$2.txt" 2>&1 </dev/null
echo "[exit $?]" >>/mnt/results/"$name.$2.txt"
