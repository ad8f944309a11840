// `trace`, `why` and `doctor` on the real kernel, in namespaces of their own: what they see there is held against what the
// embedded system tells of the same network.

import { existsSync } from "node:fs";
import { release } from "node:os";
import { afterAll, describe, expect, test } from "vitest";
import { inOwnNamespaces, packageMissing, realKernelMissing } from "../real-kernel.ts";
import { Command } from "./command.ts";

const missing = realKernelMissing();
if (missing !== undefined) console.log(`trace, why and doctor on the real kernel: skipped, ${missing}`);

const HOST = (name: string): string => `
ip netns add ${name}
ip link add p${name} type veth peer name eth0 netns ${name}
ip link set p${name} master br0 up
ip -n ${name} link set lo up
ip -n ${name} link set eth0 up
`;

/** h1 and a router on a bridge, h2 behind the router. */
const LAB = `
ip link add br0 type bridge
ip link set br0 up
${HOST("h1")}${HOST("r")}
ip netns add h2
ip link add eth1 netns r type veth peer name eth0 netns h2
ip -n h1 address add 10.1.0.1/24 dev eth0
ip -n r address add 10.1.0.254/24 dev eth0
ip -n r address add 10.2.0.254/24 dev eth1
ip -n r link set eth1 up
ip -n h2 link set lo up
ip -n h2 address add 10.2.0.1/24 dev eth0
ip -n h2 link set eth0 up
ip -n h1 route add default via 10.1.0.254
ip -n h2 route add default via 10.2.0.254
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
`;

interface Step {
  readonly kind?: string;
  readonly namespace?: string;
  readonly device?: { readonly name: string; readonly namespace: string };
  readonly text?: string;
  readonly child?: { readonly steps: readonly Step[] };
}

interface Traced {
  readonly verdict: { readonly outcome: string; readonly text: string };
  readonly journey: { readonly steps: readonly Step[] } | null;
}

interface Explained {
  readonly works: boolean;
  readonly diagnoses: readonly { readonly id: string; readonly fix: readonly string[] }[];
}

/** What both systems show of a journey: where the packet and what it caused were seen, and which tables decided. */
function shown(steps: readonly Step[]): string[] {
  const KINDS = ["transmit", "receive", "route", "forward", "bridge-decide"];
  return steps.flatMap((step) => {
    if (step.child !== undefined) return shown(step.child.steps);
    if (!KINDS.includes(step.kind ?? "")) return [];
    const where = step.device ? `${step.device.namespace}/${step.device.name}` : (step.namespace ?? "");
    const text = (step.text ?? "")
      .replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, "MAC")
      .replace(/ \(local .*\)| *, and the host$/g, "");
    return [`${where} ${text}`];
  });
}

const command = new Command();
afterAll(() => command.remove());

/** Runs patchcord's commands after a script, on the real kernel; what each printed. */
async function onRealKernel(script: string, ...commands: readonly (readonly string[])[]): Promise<string[]> {
  const lines = commands.map((words) => {
    const [first = "", ...rest] = words;
    if (first === "sh") return `{ ${rest.join(" ")}; } > /dev/null`;
    return `"$NODE" "$MAIN" ${[first, "--system", "linux", ...rest].map((word) => `"${word}"`).join(" ")}`;
  });
  const output = await inOwnNamespaces(
    `set -e\n${script}\nset +e\n${lines.map((line) => `${line}; echo "=== $?"`).join("\n")}\ntrue`,
    { NODE: process.execPath, MAIN: command.main },
  );
  return output.split(/^=== \d+\n/m).slice(0, commands.length);
}

describe.skipIf(missing !== undefined)("on the real kernel", { timeout: 300_000 }, () => {
  test("trace sees what the embedded system tells", async () => {
    const lab = command.script("routed.sh", LAB);
    const embedded = JSON.parse(
      command.run(["trace", "--lab", lab, "--json", "h1", "10.2.0.1"]).stdout,
    ) as Traced;
    const [text = ""] = await onRealKernel(LAB, ["trace", "--json", "h1", "10.2.0.1"]);
    const real = JSON.parse(text) as Traced;
    expect(real.verdict.outcome).toBe("answered");
    expect(shown(real.journey?.steps ?? []).toSorted()).toEqual(
      shown(embedded.journey?.steps ?? []).toSorted(),
    );
  });

  test("trace says where a router dropped a packet and for what reason, and why names what mends it", async () => {
    const [traced = "", explained = "", , again = "", fine = ""] = await onRealKernel(
      `${LAB}\nip netns exec r sysctl -qw net.ipv4.ip_forward=0`,
      ["trace", "h1", "10.2.0.1"],
      ["why", "--json", "h1", "10.2.0.1"],
      ["sh", "ip netns exec r sysctl -w net.ipv4.ip_forward=1"],
      ["why", "--json", "h1", "10.2.0.1"],
      ["doctor"],
    );
    // Linux 6.18 names what 6.1 calls NOT_SPECIFIED, in a function of its own.
    const reason = release().startsWith("6.1.")
      ? /^Lost at eth0 in r: .*\(NOT_SPECIFIED, in \w+\)$/m
      : /^Lost at eth0 in r: .*: host unreachable \(IP_INADDRERRORS\)$/m;
    expect(traced).toMatch(reason);
    expect(traced).toMatch(/r +eth0 .*DROPPED: /);
    const { works, diagnoses } = JSON.parse(explained) as Explained;
    expect([works, diagnoses[0]?.id, diagnoses[0]?.fix]).toEqual([
      false,
      "forwarding-off",
      ["ip netns exec r sysctl -w net.ipv4.ip_forward=1"],
    ]);
    expect((JSON.parse(again) as Explained).works).toBe(true);
    expect(fine).toBe("Nothing is wrong: 4 namespaces, 11 devices\n");
  });

  test("a neighbour that does not answer is lost by the neighbour table, and asked for once in the tree", async () => {
    const [text = "", explained = ""] = await onRealKernel(
      LAB,
      ["trace", "h1", "10.1.0.77"],
      ["why", "--json", "h1", "10.1.0.77"],
    );
    expect(text).toMatch(/^Lost at eth0 in h1: the neighbour did not answer \(NEIGH_FAILED\)$/m);
    expect(text.match(/who has/g)).toHaveLength(1);
    expect((JSON.parse(explained) as Explained).diagnoses.map(({ id }) => id)).toEqual(["nobody-answers"]);
  });

  test("trace follows a packet into a tunnel and out of it", async () => {
    const tunnel = ["h1 1 2", "r 2 1"].map((line) => {
      const [name = "", own = "", far = ""] = line.split(" ");
      return `
ip -n ${name} address add 192.168.0.${own}/24 dev eth0
ip -n ${name} link add vx0 type vxlan id 7 remote 192.168.0.${far} local 192.168.0.${own} dstport 4789 dev eth0
ip -n ${name} address add 10.9.0.${own}/24 dev vx0
ip -n ${name} link set vx0 up`;
    });
    const script = `ip link add br0 type bridge\nip link set br0 up\n${HOST("h1")}${HOST("r")}${tunnel.join("\n")}`;
    const [text = ""] = await onRealKernel(script, ["trace", "h1", "10.9.0.2"]);
    expect(text).toMatch(/^Answered after/m);
    expect(text.match(/wrapped: VXLAN/g)?.length).toBeGreaterThanOrEqual(4);
    expect(text).toMatch(/r +eth0 .*in, 148 bytes[^]*r +vx0 .*unwrapped: VXLAN\n.*r +vx0 .*in, 98 bytes/);
  });

  test("a frame of one's own, a packet in pieces, and a namespace that only a process keeps", async () => {
    const nameless = `
unshare -n sleep 600 & P=$!; trap 'kill $P' EXIT
until [ "$(readlink /proc/$P/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
ip link add q0 type veth peer name eth0 netns $P
ip link set q0 master br0 up
nsenter -t $P -n ip address add 10.1.0.9/24 dev eth0
nsenter -t $P -n ip link set eth0 up
nsenter -t $P -n ip link set lo up`;
    const frame = "ffffffffffff02000000000188b5cafe";
    const [raw = "", pieces = "", lost = "", found = ""] = await onRealKernel(
      `${LAB}${nameless}`,
      ["trace", "--from", "eth0", "--frame", frame, "h1"],
      ["trace", "--size", "3000", "h1", "10.2.0.1"],
      ["trace", "h1", "10.1.0.9"],
      ["why", "--json", "$P", "10.1.0.1"],
    );
    expect(raw).toMatch(/EtherType 0x88b5.*from a packet socket\n.*h1 +eth0 .*out, 16 bytes/);
    expect(raw).toMatch(/r +eth0 .*in, 16 bytes/);
    expect(pieces).toMatch(/ICMP echo request id \d+ seq 1, 10\.1\.0\.1 > 10\.2\.0\.1, 3028 bytes/);
    expect(pieces).toMatch(/cut into 3 fragments for MTU 1500/);
    expect(pieces).toMatch(
      /h2 .*fragment at 2960: waits for the others\n.*put together\n.*h2 .*for this host/,
    );
    expect(pieces).toMatch(/^Answered after/m);
    expect(lost).toMatch(/^Answered after/m);
    expect(lost).toMatch(/pid:\d+ +eth0 .*in, 98 bytes/);
    expect(JSON.parse(found)).toMatchObject({ works: true });
  });

  const noNftables = packageMissing("nftables", "/usr/sbin/nft");
  const noLegacyTables =
    packageMissing("iptables", "/usr/sbin/iptables-legacy") ??
    (existsSync("/proc/net/ip_tables_names") ? undefined : "this kernel has no iptable_filter");
  if (noLegacyTables !== undefined) console.log(`iptables-legacy: skipped, ${noLegacyTables}`);
  if (noNftables !== undefined) console.log(`address translation on the real kernel: skipped, ${noNftables}`);

  test(
    "trace follows a packet over a translation of addresses, and says that a rule dropped it",
    { skip: noNftables !== undefined },
    async () => {
      const ACCEPT = "ip netns exec r nft insert rule ip nat forw ip saddr 10.1.0.1 ip daddr 10.2.0.1 accept";
      const nft = (rules: string): string => `ip netns exec r nft ${JSON.stringify(rules)}`;
      const [text = "", , dropped = "", explained = "", , mended = "", , unsent = ""] = await onRealKernel(
        [
          LAB,
          "ip -n h2 route del default",
          nft("add table ip nat"),
          nft("add chain ip nat post { type nat hook postrouting priority 100; }"),
          nft("add rule ip nat post oifname eth1 masquerade"),
        ].join("\n"),
        ["trace", "h1", "10.2.0.1"],
        [
          "sh",
          [
            nft("add chain ip nat forw { type filter hook forward priority 0; }"),
            nft("add rule ip nat forw ip daddr 10.2.0.1 drop"),
          ].join("; "),
        ],
        ["trace", "h1", "10.2.0.1"],
        ["why", "--json", "h1", "10.2.0.1"],
        ["sh", ACCEPT],
        ["why", "--json", "h1", "10.2.0.1"],
        [
          "sh",
          "ip netns exec h1 nft 'add table ip f; add chain ip f out { type filter hook output priority 0; policy drop; }'",
        ],
        ["why", "--json", "h1", "10.2.0.1"],
      );
      const [first] = (JSON.parse(explained) as Explained).diagnoses;
      expect(first).toMatchObject({ id: "netfilter", fix: [ACCEPT] });
      expect(JSON.parse(mended)).toMatchObject({ works: true });
      const out = "ip netns exec h1 nft insert rule ip f out ip saddr 10.1.0.1 ip daddr 10.2.0.1 accept";
      expect((JSON.parse(unsent) as Explained).diagnoses[0]).toMatchObject({ id: "netfilter", fix: [out] });
      expect(text).toMatch(/r .*translated: source 10\.1\.0\.1 is now 10\.2\.0\.254\n/);
      expect(text).toMatch(/r .*translated: destination 10\.2\.0\.254 is now 10\.1\.0\.1\n/);
      expect(text).toMatch(/^Answered after/m);
      expect(dropped).toMatch(/^Lost at eth0 in r: a netfilter rule dropped it \(NETFILTER_DROP\)$/m);
    },
  );

  test(
    "chains of iptables-legacy that may have dropped are named, and passed by",
    { skip: noLegacyTables !== undefined },
    async () => {
      const FIX = "ip netns exec h2 iptables-legacy -t filter -I INPUT -s 10.1.0.1 -d 10.2.0.1 -j ACCEPT";
      const [explained = "", , mended = ""] = await onRealKernel(
        [LAB, "ip netns exec h2 iptables-legacy -A INPUT -p icmp -j DROP"].join("\n"),
        ["why", "--json", "h1", "10.2.0.1"],
        ["sh", FIX],
        ["why", "--json", "h1", "10.2.0.1"],
      );
      const [first] = (JSON.parse(explained) as Explained).diagnoses;
      expect(first).toMatchObject({ id: "netfilter", fix: [FIX] });
      expect(JSON.parse(mended)).toMatchObject({ works: true });
    },
  );

  test(
    "trace follows what the sender itself translates, and pieces over a translation",
    { skip: noNftables !== undefined },
    async () => {
      const [own = "", pieces = ""] = await onRealKernel(
        [
          LAB,
          "ip -n h2 route del default",
          "ip netns exec r nft 'add table ip nat; add chain ip nat post { type nat hook postrouting priority 100; }'",
          "ip netns exec r nft add rule ip nat post oifname eth1 masquerade",
          "ip netns exec h1 nft 'add table ip nat; add chain ip nat out { type nat hook output priority -100; }'",
          "ip netns exec h1 nft add rule ip nat out ip daddr 10.9.9.9 dnat to 10.2.0.1",
        ].join("\n"),
        ["trace", "h1", "10.9.9.9"],
        ["trace", "--size", "3000", "h1", "10.2.0.1"],
      );
      expect(own).toMatch(/h1 .*ICMP echo request .*, 10\.1\.0\.1 > 10\.9\.9\.9, .*\n/);
      expect(own).toMatch(/h1 .*translated: destination 10\.9\.9\.9 is now 10\.2\.0\.1\n/);
      expect(own).toMatch(/^Answered after/m);
      expect(pieces.match(/r .*translated: source 10\.1\.0\.1 is now 10\.2\.0\.254\n/g)).toHaveLength(3);
      expect(pieces).toMatch(/^Answered after/m);
    },
  );

  test("a dry run foretells what is then seen", async () => {
    const answers = await onRealKernel(
      LAB,
      ["trace", "--json", "--dry-run", "h1", "10.2.0.1"],
      ["trace", "--json", "h1", "10.2.0.1"],
      ["trace", "--json", "--dry-run", "--udp", "9", "h1", "10.2.0.1"],
      ["trace", "--json", "--udp", "9", "h1", "10.2.0.1"],
    );
    const [ping, pinged, foretold, sent] = answers.map((answer) => JSON.parse(answer) as Traced);
    const lines = (one: Traced | undefined): string[] => shown(one?.journey?.steps ?? []).toSorted();
    expect(lines(ping)).toEqual(lines(pinged));
    // Beside the packet a kernel may ask whether its neighbours are still there.
    expect(lines(sent)).toEqual(expect.arrayContaining(lines(foretold)));
    expect(foretold?.verdict.text).toMatch(/^Refused: ICMP port unreachable, 10\.2\.0\.1 > 10\.1\.0\.1, /);
  });

  test("doctor hears a frame that goes round, and names the ports", async () => {
    const loop = [
      "ip link add br1 type bridge",
      "ip link set br1 up",
      ...[1, 2].flatMap((number) => [
        `ip link add a${number} type veth peer name b${number}`,
        // slowly, if this kernel can: as fast as it goes, it leaves the machine no time for anything else
        `tc qdisc add dev a${number} root tbf rate 1mbit burst 4kb latency 50ms 2>/dev/null || true`,
        `ip link set a${number} master br0 up`,
        `ip link set b${number} master br1 up`,
      ]),
      "ip netns exec h1 arping -q -c 1 -w 1 -I eth0 10.1.0.77 || true",
    ].join("\n");
    const [text = ""] = await onRealKernel(`${LAB}${loop}`, ["doctor"]);
    expect(text).toMatch(/4 ports form a loop without a spanning tree: /);
    expect(text).toMatch(/the same frame came in by a1 in host \d+ times/);
    expect(text).toMatch(/ ip link set br0 type bridge stp_state 1/);
  });

  const noSwitch = packageMissing("openvswitch-switch", "/usr/sbin/ovs-vswitchd");
  if (noSwitch !== undefined) console.log(`flows of the real Open vSwitch: skipped, ${noSwitch}`);

  test(
    "trace asks the real Open vSwitch which flows a packet meets, and why names the one that drops it",
    { skip: noSwitch !== undefined },
    async () => {
      const hosts = ["h1 1", "h2 2"].map((line) => {
        const [name = "", own = ""] = line.split(" ");
        return `${HOST(name).replace(/ master br0/, "")}
ip -n ${name} address add 10.1.0.${own}/24 dev eth0
ovs-vsctl add-port br0 p${name}`;
      });
      const script = `
D=$(mktemp -d); export OVS_RUNDIR=$D OVS_LOGDIR=$D OVS_DBDIR=$D
ovsdb-tool create $D/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server $D/conf.db --remote=punix:$D/db.sock --detach --pidfile --log-file=/dev/null 2> /dev/null
ovs-vsctl --no-wait init
ovs-vswitchd unix:$D/db.sock --detach --pidfile --log-file=/dev/null 2> /dev/null
trap 'ovs-appctl exit --cleanup; kill $(cat $D/ovsdb-server.pid); rm -r $D' EXIT
ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev
${hosts.join("\n")}`;
      const [fine = "", , dropped = "", explained = "", , mended = ""] = await onRealKernel(
        script,
        ["trace", "h1", "10.1.0.2"],
        ["sh", "ovs-ofctl add-flow br0 icmp,priority=100,actions=drop"],
        ["trace", "h1", "10.1.0.2"],
        ["why", "--json", "h1", "10.1.0.2"],
        ["sh", 'ovs-ofctl --strict del-flows br0 "table=0,priority=100,icmp"'],
        ["why", "--json", "h1", "10.1.0.2"],
      );
      expect(fine).toMatch(/br0 +table 0: priority 0\n.*br0 +action: NORMAL\n/);
      expect(fine).toMatch(/^Answered after/m);
      expect(dropped).toMatch(/br0 +table 0: icmp, priority 100\n.*br0 +action: drop\n/);
      expect(dropped).toMatch(/^Lost at ph1 in host: .*OVS_DROP_LAST_ACTION/m);
      const { diagnoses } = JSON.parse(explained) as Explained;
      expect(diagnoses[0]).toMatchObject({
        id: "ovs-flow-drops",
        fix: ['ovs-ofctl --strict del-flows br0 "table=0,priority=100,icmp"'],
      });
      expect(JSON.parse(mended)).toMatchObject({ works: true, diagnoses: [] });
    },
  );
});
