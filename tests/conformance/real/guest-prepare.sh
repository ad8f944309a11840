# What the first process of a guest does before anything else, read by its init: mounts what it needs, makes modules findable and
# sends what is printed to the results.
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
