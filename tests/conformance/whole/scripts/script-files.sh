#!/bin/bash
set -v
mkdir -p /tmp/p; printf '#!/bin/sh\necho tool $1\n' > /tmp/p/mytool; chmod +x /tmp/p/mytool; PATH=$PATH:/tmp/p
command -v mytool; timeout 1 mytool b; ip netns add x; ip netns exec x mytool c; command -v /tmp/p/mytool; type /tmp/p/mytool; ls /tmp/p/mytool
printf 'echo noshebang\n' > /tmp/p/n2; chmod +x /tmp/p/n2; n2; timeout 1 n2; printf '#!/bin/nosuch\n' > /tmp/p/n3; chmod +x /tmp/p/n3; n3; echo $?; timeout 1 n3; echo $?
printf '#!/usr/bin/env bash\necho "env $0 $*"\n' > /tmp/p/n4; chmod +x /tmp/p/n4; ip netns exec x n4 1 2;  printf '#!/usr/bin/awk -f\nBEGIN{print "awk"}\n' > /tmp/p/n5; chmod +x /tmp/p/n5; n5; xargs -n1 n5 <<< q
echo 'echo x' > /tmp/p/n6; ip netns exec x /tmp/p/n6; echo $?; /tmp/p/n6; echo $?; timeout 1 /tmp/p/n6; echo $?
