// Two namespaces with a cable to the machine each, and what may be between the cables.

import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { EmbeddedLines } from "../conformance/embedded-lines.ts";
import { introduce, pump } from "./forward.ts";
import type { Ends } from "./forward.ts";

export const SWITCH = ["ovs-vsctl add-br br0 -- add-port br0 left -- add-port br0 right"];
export const BRIDGE = [
  "ip link add br0 type bridge",
  "ip link set br0 up",
  "ip link set left master br0",
  "ip link set right master br0",
];

export async function lab(lines: readonly string[]): Promise<EmbeddedLines> {
  const system = new EmbeddedLines({
    profile: "linux-6.1",
    lookup: lookupProgram,
    startCost: 0,
    lineCost: 0,
  });
  for (const line of lines) {
    const { rc, stderr } = await system.run(line);
    if (rc !== 0) throw new Error(`${line}: ${stderr}`);
  }
  return system;
}

const QUIET = "sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1";

/** A cable from the namespaces left and right to the machine each. */
export const CABLES = [
  QUIET,
  ...["left", "right"].flatMap((side) => [
    `ip netns add ${side}`,
    `ip netns exec ${side} ${QUIET}`,
    `ip link add ${side} type veth peer name eth0 netns ${side}`,
    `ip link set ${side} up`,
    `ip -n ${side} link set eth0 up`,
  ]),
];

export async function ends({ system }: EmbeddedLines): Promise<Ends> {
  const { kernel } = system;
  const [from, to] = [...kernel.netnses.values()].flatMap((netns) => netns.device("eth0") ?? []);
  if (from === undefined || to === undefined) throw new Error("no cables");
  return { kernel, from, to };
}

/** Cables with what `lines` put between them, through which a frame has gone each way. */
export async function connected(
  lines: readonly string[],
  flows?: (destination: string) => string[],
): Promise<Ends> {
  const made = await lab([...CABLES, ...lines]);
  const cables = await ends(made);
  if (flows !== undefined) {
    const destination = cables.to.address.toString(16).padStart(12, "0").match(/../g)?.join(":") ?? "";
    await made.run(`ovs-ofctl add-flows br0 - <<'EOF'\n${flows(destination).join("\n")}\nEOF`);
  }
  introduce(cables);
  // the first frame of all makes the datapath's flow
  pump(cables, { frames: 32, rounds: 1 });
  return cables;
}
