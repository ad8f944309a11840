// Open vSwitch: frames a second between two namespaces by NORMAL and by a table of a thousand flows, beside the real switch daemon
// with its userspace datapath; what a hop through a flow of the datapath costs beside one through a Linux bridge; and how long a
// hundred ports take to be added, one call of ovs-vsctl each and in one transaction, by a script and in a lab that has run for a
// while. What is compared runs in turns.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inOwnNamespaces, packageMissing } from "../real-kernel.ts";
import { DESTINATION_ADDRESS, pump, realForwarding, senderMissing } from "./forward.ts";
import type { HopCosts } from "./hop-child.ts";
import { connected, lab, SWITCH } from "./ovs-lab.ts";
import { median, row, skipped } from "./row.ts";
import type { Row } from "./row.ts";

const PACE = { frames: 640_000, rounds: 5 };
const FLOWS = 1000;
const PORTS = 100;
const FORWARDING_TARGET = 5;
const CALLS_TARGET = 10;
const HOP_LIMIT = 3;

/** A thousand flows of one priority, one of which is for the receiver. */
function flowTable(destination: string): string[] {
  const others = Array.from({ length: FLOWS - 1 }, (_, at) => {
    const last = [at >> 8, at & 0xff].map((byte) => byte.toString(16).padStart(2, "0"));
    return `priority=100,dl_dst=02:00:00:01:${last.join(":")},actions=output:1`;
  });
  return [...others, `priority=100,dl_dst=${destination},actions=output:2`];
}

/** The real daemons in a folder of their own, with the userspace datapath. */
const DAEMONS = `
export OVS_RUNDIR=/run/ovs OVS_LOGDIR=/run/ovs OVS_DBDIR=/run/ovs OVS_SYSCONFDIR=/run/ovs
mkdir /run/ovs && cd /run/ovs
ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server conf.db --remote=punix:db.sock --detach --no-chdir --pidfile --log-file -vconsole:off
ovs-vsctl --no-wait init
ovs-vswitchd --disable-system --detach --no-chdir --pidfile --log-file -vconsole:off unix:db.sock
trap 'ovs-appctl -t ovs-vswitchd exit; ovs-appctl -t ovsdb-server exit' EXIT
ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev
`;
const REAL_SWITCH = `${DAEMONS}
ovs-vsctl add-port br0 left -- add-port br0 right
`;

async function forwardingRows(missing: string | undefined): Promise<Row[]> {
  const ways = [
    { by: "NORMAL", real: `ovs-appctl fdb/add br0 right 0 ${DESTINATION_ADDRESS} > /dev/null` },
    {
      by: `a table of ${FLOWS} flows`,
      flows: flowTable,
      real: `ovs-ofctl del-flows br0\novs-ofctl add-flows br0 - <<'EOF'\n${flowTable(DESTINATION_ADDRESS).join("\n")}\nEOF`,
    },
  ] as const;
  const rows: Row[] = [];
  for (const way of ways) {
    const name = `forward 64-byte frames veth-OVS-veth by ${way.by}`;
    const what = "real Open vSwitch, userspace datapath";
    if (missing !== undefined) {
      rows.push(skipped(`${name} than ${what}`, missing));
      continue;
    }
    const clear = "flows" in way ? ["ovs-ofctl del-flows br0"] : [];
    const cables = await connected([...SWITCH, ...clear], "flows" in way ? way.flows : undefined);
    const value = median(pump(cables, PACE).map(({ frames }) => frames));
    const than = { what, value: await realForwarding(REAL_SWITCH + way.real, 1) };
    rows.push(row({ name, value, unit: "frames/s", than, target: FORWARDING_TARGET }));
  }
  return rows;
}

/**
 * What a hop costs, in a process of its own: what the measurements before have taught the engine about the same code makes one dearer
 * and another not.
 */
function hopRow(): Row {
  const child = join(dirname(fileURLToPath(import.meta.url)), "hop-child.mjs");
  const { stdout, stderr } = spawnSync(process.execPath, [child], { encoding: "utf8" });
  if (stdout === "") throw new Error(`the measurement failed: ${stderr}`);
  const { bridge, flow } = JSON.parse(stdout) as HopCosts;
  return row({
    name: "a hop through a flow of the datapath, with its second cable",
    value: flow,
    unit: "ns of CPU",
    than: { what: "a hop through a Linux bridge", value: bridge },
    better: "as-much",
    target: HOP_LIMIT,
  });
}

const names = Array.from({ length: PORTS }, (_, at) => `p${at}`);
const PAIRS = names
  .filter((_, at) => at % 2 === 0)
  .map((name, at) => `ip link add ${name} type veth peer name p${2 * at + 1}`);
const ONE_BY_ONE = names.map((name) => `ovs-vsctl add-port br0 ${name}`);
const AT_ONCE = `ovs-vsctl ${names.map((name) => `-- add-port br0 ${name}`).join(" ")}`;

const REAL_PORTS = `${DAEMONS}
${PAIRS.join("\n")}
now() { echo "\${EPOCHREALTIME/./}"; }
a=$(now)
${ONE_BY_ONE.join("\n")}
b=$(now)
${names.map((name) => `ovs-vsctl del-port ${name}`).join("\n")}
c=$(now)
${AT_ONCE}
echo $((b - a)) $(($(now) - c))
`;

const WITHOUT_PORTS = ["ovs-vsctl add-br br0", ...PAIRS];
const ROUNDS = 3;

/** In a lab of this process. */
async function warmSeconds(lines: readonly string[]): Promise<number> {
  const made = await lab(WITHOUT_PORTS);
  const start = performance.now();
  for (const line of lines) {
    const { rc, stderr } = await made.run(line);
    if (rc !== 0) throw new Error(`${line}: ${stderr}`);
  }
  return (performance.now() - start) / 1000;
}

interface Cold {
  /** Node, the lab, the cables and the bridge: the script without the additions. */
  readonly start: number;
  readonly additions: number;
}

/** `patchcord run` of a script with these lines, less one without them: the real daemons run as well before their clock starts. */
function coldSeconds(lines: readonly string[]): Cold {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  try {
    const [start = 0, whole = 0] = [WITHOUT_PORTS, [...WITHOUT_PORTS, ...lines]].map((script) => {
      const file = join(folder, "script.sh");
      writeFileSync(file, `${script.join("\n")}\n`);
      const begin = performance.now();
      const { status, stderr } = spawnSync(process.execPath, ["packages/cli/dist/main.js", "run", file]);
      if (status !== 0) throw new Error(`patchcord run: ${stderr.toString()}`);
      return (performance.now() - begin) / 1000;
    });
    return { start, additions: whole - start };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function portRows(missing: string | undefined): Promise<Row[]> {
  const ways = [
    { how: "one call of ovs-vsctl each", lines: ONE_BY_ONE, target: CALLS_TARGET },
    { how: "in one transaction", lines: [AT_ONCE], target: 1 },
  ].map((way) => ({ ...way, cold: [] as Cold[], warm: [] as number[], real: [] as number[] }));
  if (missing !== undefined) return ways.map(({ how }) => skipped(`${PORTS} ports, ${how}`, missing));
  for (let round = 0; round < ROUNDS; round++) {
    const output = await inOwnNamespaces(REAL_PORTS, {});
    const real = output.trim().split(" ");
    for (const [at, way] of ways.entries()) {
      way.real.push(Number(real[at]) / 1e6);
      way.cold.push(coldSeconds(way.lines));
      way.warm.push(await warmSeconds(way.lines));
    }
  }
  return ways.flatMap(({ how, target, cold, warm, real }) => {
    const than = { what: "real ovs-vsctl and daemons", value: median(real) };
    const common = { unit: "s", than, better: "less" } as const;
    const name = `add-port of ${PORTS}, ${how}`;
    const start = median(cold.map((each) => each.start)).toFixed(2);
    const less = `less ${start} s of the same script without them`;
    const value = median(cold.map(({ additions }) => additions));
    return [
      row({ ...common, name: `${name}, by a script in a new process, ${less}`, value, target }),
      row({ ...common, name: `${name}, in a lab that has done it before`, value: median(warm) }),
    ];
  });
}

export async function ovs(): Promise<Row[]> {
  const noSwitch = packageMissing("openvswitch-switch", "/usr/sbin/ovs-vswitchd");
  return [...(await forwardingRows(senderMissing() ?? noSwitch)), hopRow(), ...(await portRows(noSwitch))];
}
