// Devices of all kinds that can be made again, deleted by a run and given back by a cleanup, in a guest with Linux 6.1: this machine's kernel
// may not have them.

import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { boot } from "../../conformance/real/guest.ts";
import type { Command } from "../../cli/command.ts";

const MODPROBE = join(import.meta.dirname, "../../conformance/real/guest-modprobe.sh");

/** What others have: tunnels, bonds with ports, devices on others, with settings. */
const FOREIGN = `
echo 0 | tee /proc/sys/net/ipv6/conf/*/accept_dad >/dev/null; ip link set lo up
ip link add ba type veth peer name bb; ip link set ba up; ip link set bb up; ip addr add 10.1.0.1/24 dev ba; ip addr add fd00::1/64 dev ba nodad
ip link add s1 type dummy; ip link add s2 type dummy
ip link add bo type bond mode active-backup miimon 120 updelay 240 fail_over_mac active num_grat_arp 3
ip link set s1 master bo; ip link set s2 master bo; ip link set bo type bond primary s2; ip link set bo up; ip addr add 10.2.0.1/24 dev bo
ip link add bp type bond mode 802.3ad lacp_rate fast xmit_hash_policy layer3+4 min_links 1
ip link add bq type bond mode balance-rr arp_interval 100 arp_ip_target 10.1.0.9
ip link add ge type geneve id 7 remote 10.1.0.9 ttl 5 tos 4 dstport 6082; ip link add gx type geneve external
ip link add g4 type gre local 10.1.0.1 remote 10.1.0.9 ttl 9 key 77 dev ba; ip link add gt type gretap local 10.1.0.1 remote 10.1.0.9 csum seq
ip link add g6 type ip6gre local fd00::1 remote fd00::9 hoplimit 9; ip link add gq type ip6gretap local fd00::1 remote fd00::9 okey 5
ip link add it type ipip local 10.1.0.1 remote 10.1.0.9 ttl 7; ip link add si type sit local 10.1.0.1 remote 10.1.0.9 ttl 7
ip link add i6 type ip6tnl local fd00::1 remote fd00::9 mode any
ip link add vt type vti local 10.1.0.1 remote 10.1.0.9 key 5; ip link add v6 type vti6 local fd00::1 remote fd00::9 key 5
ip link add mt link ba type macvtap mode vepa; ip link add mv link ba type macvlan mode private
ip link add ms link bb type macvlan mode source; for n in 1 2; do ip link set ms type macvlan macaddr add 02:00:00:00:00:1$n; done
ip link add vl link ba type vlan id 5 egress-qos-map 1:2 gvrp on; ip link add vr type vrf table 77
ip link add vx type vxlan id 5 dev ba remote 10.1.0.9 dstport 4789 ttl 3
for d in ge gt mt mv vl; do ip link set $d up; done
`;
const ALL = "bo bp bq ge gx g4 gt g6 gq it si i6 vt v6 mt mv ms vl vr vx";

const init = (results: string, node: string, main: string, script: string): string => `#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C TZ=UTC
mount -t proc proc /proc; mount -t tmpfs tmpfs /srv; mkdir -p /srv/results /srv/modules/lib; mount -t hostfs -o ${results} none /srv/results
exec >/srv/results/console 2>&1
ln -s /usr/lib/uml/modules /srv/modules/lib/modules; mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /run; ln -s /proc/self/fd /dev/fd
cp ${MODPROBE} /srv/modprobe; echo /srv/modprobe >/proc/sys/kernel/modprobe; /srv/modprobe -qa ipv6 af_packet unix tun
${FOREIGN}
state() {
  # Random addresses of tunnels, and what passes with time.
  ip -d -o link | sed -E 's/ [a-z_]*timer +[0-9.]+//g; s/ (state|mcast_querier|mii_status|ad_[a-z_]*) [A-Z0-9a-z_:]+//g; s/,?(NO-CARRIER|LOWER_UP)//g; s/(link_failure_count|perm_hwaddr|permaddr) [^ ]*//g'
  ip -4 -o addr; ip -4 route
}
sleep 2; before=$(state)
"${node}" "${main}" run --system linux "${script}"
[ "$before" = "$(state)" ] && echo nothing changed
"${node}" "${main}" cleanup >/run/told; echo "cleanup $?"
for try in $(seq 20); do after=$(state); [ "$before" = "$after" ] && break; sleep 0.5; done
diff <(echo "$before") <(echo "$after") && echo as before
echo o >/proc/sysrq-trigger; sleep 10
`;

/** Empty if all are as they were; otherwise what the guest says. */
export async function kindsGivenBack(command: Command): Promise<string> {
  const results = join(command.folder, "results");
  mkdirSync(results);
  const script = command.script("delete.sh", `for d in ${ALL}; do ip link del $d; done\n`);
  const first = command.script("init.sh", init(results, process.execPath, command.main, script));
  chmodSync(first, 0o755);
  const console = await boot(
    command.folder,
    results,
    { hostName: "guest", loopbackUp: true, pause: 0 },
    first,
  );
  let text;
  try {
    text = readFileSync(join(results, "console"), "utf8");
  } catch {
    return `the guest did not come so far: ${console}`;
  }
  return text === "cleanup 0\nas before\n" ? "" : text;
}
