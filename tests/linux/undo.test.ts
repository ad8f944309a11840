// What a run changes, replaces or takes away of things that it does not own comes back with a cleanup; what somebody else has
// changed since stays as it is.

import { afterAll, describe, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { realKernelMissing } from "../real-kernel.ts";
import { apart } from "./run-apart.ts";

const command = new Command();
afterAll(() => command.remove());
const missing = realKernelMissing();
if (missing !== undefined) console.log(`cleanup of changes: not tested, ${missing}`);

/** Bridge, cable, addresses, routes, neighbours and rules of somebody else. */
const FOREIGN = `
echo 0 | tee /proc/sys/net/ipv6/conf/*/accept_dad >/run/told
ip link set lo up; ip link add foreign type bridge; ip link add fa type veth peer name fb; ip link add fc type veth peer name fd
ip link set fa master foreign; for d in foreign fa fb fc fd; do ip link set $d up; done
ip addr add 10.1.0.1/24 dev foreign; ip addr add 10.1.0.2/24 dev foreign; ip addr add 10.8.0.1/24 dev fb; ip addr add 10.9.0.1/24 dev fd
ip addr add fd00::1/64 dev foreign nodad; ip addr add fd08::1/64 dev fb nodad; ip -6 route add fd01::/64 via fd00::9
ip route add 10.2.0.0/16 via 10.1.0.9; ip route add 10.3.0.0/16 via 10.1.0.9 metric 7; ip route add 10.4.0.0/16 via 10.1.0.9
ip route add 10.5.0.0/16 nexthop via 10.1.0.8 nexthop via 10.1.0.9; ip route add 10.6.0.0/16 via 10.8.0.9 table 9; ip route add default via 10.9.0.9
ip rule add from 10.3.0.1 table 7; ip rule add from 10.3.0.2 table 8
for n in 8 9 10; do ip neigh add 10.1.0.$n lladdr 02:00:00:00:00:0$((n - 8)) dev foreign; done
bridge fdb add 02:00:00:00:00:aa dev fa master static
for g in 1 2; do bridge mdb add dev foreign port fa grp 239.1.1.$g permanent; done; bridge mdb add dev foreign port fa grp 239.1.1.3 temp; ip tuntap add dev ft mode tap user 7
ip link add fx type vxlan id 7 dstport 4790 local 10.8.0.1 ttl 9 nolearning; bridge fdb append 02:00:00:00:00:dd dev fx dst 10.8.0.9
for d in foreign fa fb fc fd; do wait_until "ip -br link show dev $d | grep ' UP ' && ip -6 -o addr show dev $d scope link | grep inet6"; done
state() { exec 2>/dev/null
  ip -d -o link | sed -E 's/ [a-z_]*timer +[0-9.]+//g; s/ (state|mcast_querier) [A-Z0-9]+//g; s/,?(NO-CARRIER|LOWER_UP)//g'
  ip -o addr show scope global; (ip route show table all; ip -6 route show table all) | sort; ip rule; ip neigh show nud permanent | sort
  bridge fdb show | grep static; cat /sys/class/net/foreign/bridge/hello_time; bridge mdb show | grep -v ff02 | sort; bridge fdb show dev fx
  (cd /proc/sys/net; grep -r . ipv4/conf/f* ipv6/conf/f* ipv4/neigh/f* | grep -v /stable_secret | sort)
  (ethtool -k fb; ethtool -k ft; ethtool ft; ethtool -c ft) 2>/dev/null
}
for d in foreign fb fd; do echo 2 >/proc/sys/net/ipv4/conf/$d/rp_filter; echo 7 >/proc/sys/net/ipv6/conf/$d/hop_limit; echo 999 >/proc/sys/net/ipv4/neigh/$d/ucast_solicit; done
before=$(state)
compare() { for n in $(seq 100); do after=$(state); [ "$before" = "$after" ] && break; sleep 0.1; done; diff <(echo "$before") <(echo "$after") && echo as before; }
`;

describe.skipIf(missing !== undefined)("cleanup takes back", { timeout: 300_000 }, () => {
  const changing = (script: string, cleaning = "patchcord cleanup >/run/told", more = ""): string => {
    const { stdout, stderr } = apart(
      command,
      `${FOREIGN} ${more}
       patchcord run --system linux "$SCRIPT"; [ "$before" = "$(state)" ] && echo nothing changed; ${cleaning}; compare`,
      script,
    );
    return stderr + stdout;
  };

  test("routes, addresses, neighbours and rules", () => {
    const said = changing(`
      ip route replace 10.2.0.0/16 via 10.1.0.8; ip route change 10.3.0.0/16 via 10.1.0.8 metric 7; ip route del 10.4.0.0/16
      ip route append 10.2.0.0/16 via 10.1.0.7; ip route prepend 10.2.0.0/16 via 10.1.0.6; ip route del 10.5.0.0/16; ip route flush table 9
      ip route replace default via 10.1.0.7; ip -6 route del fd01::/64; ip -6 route add fd02::/64 via fd00::8
      ip addr change 10.1.0.1/24 dev foreign valid_lft 1000 preferred_lft 500; ip addr del 10.8.0.1/24 dev fb
      ip addr flush dev fd; ip addr replace 10.7.0.1/24 dev fd
      ip neigh change 10.1.0.8 lladdr 02:00:00:00:00:99 dev foreign; ip neigh del 10.1.0.9 dev foreign; ip neigh replace 10.1.0.11 lladdr 02:00:00:00:00:98 dev foreign
      ip neigh add proxy 10.1.0.77 dev foreign; bridge fdb del 02:00:00:00:00:aa dev fa master; bridge fdb add 02:00:00:00:00:bb dev fa master static
      ip rule del from 10.3.0.1; ip rule add from 10.3.0.3 table 9`);
    expect(said).toBe("as before\n");
  });

  test("settings of devices, where they are, and what goes with them", () => {
    const said = changing(`
      ip link set foreign mtu 1400 alias hello; ip link set fb down; ip link set fb name other; ip link set other address 02:00:00:00:00:0b
      bridge link set dev fa cost 77 priority 9; ip link set fa type bridge_slave learning off; ip link set fa nomaster
      ip link set foreign type bridge forward_delay 400 ageing_time 1000 priority 5; echo 300 >/sys/class/net/foreign/bridge/hello_time
      ip netns add ours; ip link set fd netns ours; ip -n ours link set fd name eth0 up; ip link set fc group 7 txqueuelen 5 promisc on
      ip link set foreign down; ip link add mine type bridge; ip link set fc master mine; ip link property add dev fc altname other-name`);
    expect(said).toBe("as before\n");
  });

  test("settings of ethtool", () => {
    const said = changing(`
      exec >/dev/null; ethtool -K fb tso off gro on tx off; ethtool -s ft speed 100 duplex full msglvl 5; ethtool -C ft rx-frames 4; ethtool -K ft gso off; ethtool -K fb tx on
      ip netns add ours; ip -n ours link add mine type veth peer name other; ip netns exec ours ethtool -K mine tso off; ip link set fb netns ours; ip netns exec ours ethtool -K fb sg off`);
    expect(said).toBe("as before\n");
  });

  test("devices that were deleted, with all that was on them", () => {
    const said = changing(`
      ip link set foreign down; brctl delbr foreign; brctl addbr foreign; ip link set foreign up; ip addr add 10.1.0.1/24 dev foreign
      ip link set fb mtu 1300; ip link set fb alias hello; ip link property add dev fd altname other; ip link del fb; ip link del fx; ip tuntap del dev ft mode tap
      ip link set fd down; ip link del fc`);
    expect(said).toBe("as before\n");
  });

  test("cables that were deleted and led to another namespace, with what was on the other end", () => {
    const { stdout, stderr } = apart(
      command,
      `echo 0 | tee /proc/sys/net/ipv6/conf/*/accept_dad >/run/told; unshare -n sleep 600 & pid=$!; own_netns $pid; inside() { nsenter --net=/proc/$pid/ns/net "$@"; }
       ip link add br0 type bridge; ip link set br0 up
       ip link add vc mtu 1400 type veth peer name eth0 netns $pid; ip link set vc master br0 up; inside ip link add bx type bridge; inside ip link set eth0 alias inside up
       inside ip addr add 10.6.0.2/24 dev eth0; inside ip route add default via 10.6.0.1; inside ip neigh add 10.6.0.1 lladdr 02:00:00:00:00:01 dev eth0; bridge fdb add 02:00:00:00:00:aa dev vc master static
       mask() { sed -E 's/ [a-z_]*timer +[0-9.]+//g; s/ (state|mcast_querier) [A-Z0-9]+//g; s/,?(NO-CARRIER|LOWER_UP)//g'; }
       state() { ip -d -o link | mask; bridge fdb show | grep static; inside ip -d -o link | mask; inside ip -o addr show scope global; inside ip route; inside ip neigh show nud permanent; }
       wait_until "ip -br link show dev vc | grep ' UP '"; before=$(state); patchcord run --system linux "$SCRIPT"; [ "$before" = "$(state)" ] && echo nothing changed; patchcord cleanup >/run/told; echo $?
       for n in $(seq 100); do after=$(state); [ "$before" = "$after" ] && break; sleep 0.1; done; diff <(echo "$before") <(echo "$after") && echo as before; kill $pid`,
      "ip link del vc; ip link add vc type bridge",
    );
    expect({ stdout, stderr }).toEqual({ stdout: "0\nas before\n", stderr: "" });
  });

  test("multicast entries of bridges", () => {
    const said = changing(`
      bridge mdb del dev foreign port fa grp 239.1.1.1; bridge mdb add dev foreign port fa grp ff15::7 permanent; bridge mdb add dev foreign port foreign grp 239.1.1.9 temp
      bridge mdb add dev foreign port fa grp 239.1.1.8 temp; ip link add mine type bridge; ip link set fc master foreign; bridge mdb add dev foreign port fc grp 239.1.1.5 permanent
      bridge mdb del dev foreign port fa grp 239.1.1.3; ip link set fa nomaster`);
    expect(said).toBe("as before\n");
  });

  test("what ioctls change", () => {
    const said = changing(`
      arp -d 10.1.0.8; route del default; brctl addbr mine; brctl delif foreign fa; brctl addif mine fa; ifconfig fb 10.8.0.7 netmask 255.255.0.0 mtu 1300; ifconfig fd down
      route add -net 10.11.0.0/16 gw 10.1.0.9; arp -s 10.1.0.44 02:00:00:00:00:44 -i foreign`);
    expect(said).toBe("as before\n");
  });

  test("names of namespaces, and what was done in one that was only attached", () => {
    const { stdout, stderr } = apart(
      command,
      `mkdir /run/netns; for n in alive half dead; do ip netns add $n; done; ip netns exec alive sleep 600 & own_netns $!; ip netns exec half sleep 600 & own_netns $!
       unshare -n sleep 600 & echo $! >/run/pid; own_netns $!; ip -n alive link add foreign type bridge
       patchcord run --system linux "$SCRIPT"; : as if killed inside ip netns del; : >/run/netns/half; patchcord cleanup; echo $?; ip netns | sort; ip -n alive -br link | cut -d' ' -f1
       nsenter --net=/proc/$(cat /run/pid)/ns/net ip link | grep -c mine; kill $(jobs -p)`,
      `ip netns del alive; ip netns del half; ip netns del dead; ip netns attach other $(cat /run/pid); ip -n other link add mine type bridge`,
    );
    expect(stderr).toBe(
      "patchcord: namespace /run/netns/dead was others', was taken away and cannot be made again\n",
    );
    expect(stdout).toBe(
      "put back namespace /run/netns/alive\nput back namespace /run/netns/half\nremoved device mine\nremoved namespace /run/netns/other\nremoved file /run/netns/other\n1\nalive\nhalf\nlo\nforeign\n0\n",
    );
  });

  test("devices of its own that were moved into a namespace of others, by another name or out of one of its own too", () => {
    const { stdout, stderr } = apart(
      command,
      `mkdir /run/netns; unshare -n sleep 600 & echo $! >/run/pid; own_netns $!
       nsenter --net=/proc/$(cat /run/pid)/ns/net ip link add foreign type bridge
       patchcord run --system linux "$SCRIPT"; nsenter --net=/proc/$(cat /run/pid)/ns/net ip -br link | cut -d' ' -f1 | cut -d@ -f1 | sort | xargs
       patchcord cleanup; echo $?; nsenter --net=/proc/$(cat /run/pid)/ns/net ip -br link | cut -d' ' -f1; kill $(jobs -p)`,
      `ip netns attach other $(cat /run/pid); ip netns add own; ip link add low type veth peer name far
       ip link add m1 link low type macvlan; ip link set m1 netns other
       ip link add v1 type vxlan id 7 dstport 4789; ip link set v1 netns other name v2; ip -n other link set v2 name v3
       ip -n own link add m2 type vxlan id 8 dstport 4790; ip -n own link set m2 netns other up; ip link set far netns $(cat /run/pid)`,
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n").filter((line) => !/directory|file|mount/.test(line))).toEqual([
      "far foreign lo m1 m2 v3",
      "removed device low", // and with it what is above it and its other end
      "removed device m2",
      "removed device v3",
      "removed namespace /run/netns/other",
      "removed namespace /run/netns/own",
      "0",
      "lo",
      "foreign",
      "",
    ]);
  });

  test("without a word about what was changed in namespaces of its own", () => {
    const { stdout } = apart(
      command,
      `patchcord run --system linux "$SCRIPT"; grep -hc '"type":"change"' /run/patchcord/*.jsonl`,
      `ip netns add own; ip -n own link add d type bridge; ip -n own link set d up; ip -n own addr add 10.1.0.1/24 dev d
       ip -n own route add 10.2.0.0/16 via 10.1.0.9`,
    );
    expect(stdout).toBe("0\n");
  });

  test("nothing that somebody has changed since, and says what is lost", () => {
    const said = changing(
      "ip link set fb mtu 1300; ip route replace 10.2.0.0/16 via 10.1.0.8; ip addr del 10.8.0.1/24 dev fb; ip link del fe",
      `before=$(ip link add mine type bridge; ip route replace 10.2.0.0/16 via 10.1.0.7; ip addr add 10.8.0.1/24 dev fb; ip route add 10.6.0.0/16 via 10.8.0.9 table 9; ip link set fb mtu 1350; state)
       kill %1; wait; patchcord cleanup; echo $?`,
      "unshare -n sleep 600 & until [ $(readlink /proc/$!/ns/net) != $(readlink /proc/$$/ns/net) ]; do sleep 0.1; done; ip link add fe type veth peer name ff; ip link set ff netns $!",
    );
    expect(said.split("\n")).toEqual([
      "patchcord: device fe was others', was taken away and cannot be made again", // its other end was in a namespace that has ended
      "1",
      "as before",
      "",
    ]);
  });
});
