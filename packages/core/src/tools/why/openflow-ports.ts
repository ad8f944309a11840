// What a bridge of Open vSwitch was told about its ports over OpenFlow (`ovs-ofctl mod-port`): its database does not have it.

import { PortConfig } from "../../ovsproto/openflow/port-messages.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { Fatal, Ofctl } from "../ovs-ofctl/ofctl-context.ts";
import { parseOptions } from "../ovs-ofctl/options.ts";
import { fetchPorts } from "../ovs-ofctl/show-commands.ts";
import { openVconn } from "../ovs-ofctl/vconn.ts";

/** What a port does not do: take packets in, send any, or send those whose receiver is not known. */
export type PortRefusal = "receive" | "forward" | "flood";

const BITS: readonly (readonly [PortRefusal, number])[] = [
  ["receive", PortConfig.NO_RECV],
  ["forward", PortConfig.NO_FWD],
  ["flood", PortConfig.NO_FLOOD],
];

/** By number of the port; empty if the switch does not answer. It has to be known to answer at all: nobody is waited for twice. */
export async function readPortRefusals(
  process: Process,
  bridge: string,
): Promise<ReadonlyMap<number, readonly PortRefusal[]>> {
  const ofctl = new Ofctl(process, parseOptions([]).options);
  ofctl.silent = true;
  try {
    const vconn = await openVconn(ofctl, bridge);
    try {
      const ports = await fetchPorts(vconn);
      return new Map(
        ports.map(({ port, config }) => [
          port,
          BITS.filter(([, bit]) => (config & bit) !== 0).map(([name]) => name),
        ]),
      );
    } finally {
      vconn.close();
    }
  } catch (failure) {
    if (!(failure instanceof Fatal) && !(failure instanceof Refusal)) throw failure;
    return new Map();
  }
}
