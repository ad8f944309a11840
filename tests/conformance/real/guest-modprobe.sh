#!/bin/sh
# What a guest's kernel starts to load a module: Debian's package keeps them where modprobe does not look.
exec /sbin/modprobe -d /srv/modules "$@"
