// `trace`, `why` and `doctor` on the real kernel, in namespaces of their own: what they see there is held against what the
// embedded system tells of the same network.

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
    return `"$NODE" "$MAIN" ${[first, "--system", "linux", ...rest].map((word) => `'${word}'`).join(" ")}`;
  });
  const output = await inOwnNamespaces(
    `set -e\n${script}\nset +e\n${lines.map((line) => `${line}; echo "=== $?"`).join("\n")}\ntrue`,
    { NODE: process.execPath, MAIN: command.main },
  );
  return output.split(/^=== \d+\n/m).slice(0, commands.length);
}

describe.skipIf(missing !== undefined)("on the real kernel", { timeout: 120_000 }, () => {
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

  test("trace says where a packet was seen last, and why names what mends it", async () => {
    const [traced = "", explained = "", , again = "", fine = ""] = await onRealKernel(
      `${LAB}\nip netns exec r sysctl -qw net.ipv4.ip_forward=0`,
      ["trace", "h1", "10.2.0.1"],
      ["why", "--json", "h1", "10.2.0.1"],
      ["sh", "ip netns exec r sysctl -w net.ipv4.ip_forward=1"],
      ["why", "--json", "h1", "10.2.0.1"],
      ["doctor"],
    );
    expect(traced.trimEnd().split("\n").at(-1)).toBe(
      "Unknown: last seen coming in by eth0 in r; what became of it there, the kernel does not show",
    );
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
