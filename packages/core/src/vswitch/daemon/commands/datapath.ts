// Commands about datapaths that know of bridges: dpif/* (ofproto-dpif.c). Those of ovs-dpctl(8) are in dpctl/.

import { formatFlow } from "../../../ovsproto/datapath/format-flow.ts";
import { W, word } from "../../../ovsproto/flow/flow.ts";
import type { Backer } from "../../ofproto/backer.ts";
import type { OfPort } from "../../ofproto/port.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { formatTunnelOptions } from "../../../ovsproto/datapath/tunnel-options.ts";
import type { UnixctlServer } from "../unixctl.ts";
import { bridgeNamed } from "./bridges.ts";
import { setFeature, showFeatures } from "./datapath-features.ts";
import { INTERNAL_TYPES } from "./datapath-types.ts";

export function registerDatapathCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  server.register("dpif/dump-dps", "", 0, 0, () =>
    [...daemon.bridges.values()]
      .map(({ name, type }) => `${type}@${name}\n`)
      .sort()
      .join(""),
  );
  server.register("dpif/show", "", 0, 0, () =>
    [...daemon.backers.values()]
      .sort((a, b) => (a.type < b.type ? -1 : 1))
      .map((backer) => showBacker(backer))
      .join(""),
  );
  server.register("dpif/show-dp-features", "bridge", 1, 1, ([name = ""]) => {
    const { kind } = bridgeNamed(daemon, name).backer.datapath;
    return showFeatures(kind);
  });
  server.register("dpif/set-dp-features", "bridge", 1, 3, ([name = "", feature, value]) =>
    setFeature(bridgeNamed(daemon, name).backer, feature, value),
  );
  server.register("dpif/dump-flows", "[-m] [--names | --no-names] bridge", 1, Infinity, (args) =>
    dumpBridgeFlows(daemon, args),
  );
}

function showBacker(backer: Backer): string {
  const { datapath } = backer;
  let text = `${backer.type}@${datapath.name}: hit:${datapath.hits} missed:${datapath.misses}\n`;
  for (const bridge of [...backer.bridges.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    text += `  ${bridge.name}:\n`;
    for (const port of [...bridge.ports].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      text += `    ${port.name} ${port.number}/${port.datapathPort ?? "none"}: (${typeNameOf(backer, port)}${optionsOf(port)})\n`;
    }
  }
  return text;
}

function typeNameOf({ datapath }: Backer, port: OfPort): string {
  return port.type === "internal" ? INTERNAL_TYPES[datapath.kind] : port.type;
}

/** netdev_get_config(): options as the device took them. */
function optionsOf(port: OfPort): string {
  if (port.dummy) return port.dummy.description;
  if (port.type === "patch") return `: peer=${port.peerName}`;
  return port.tunnel ? `: ${formatTunnelOptions(port.tunnel.config)}` : "";
}

/** -m implies names unless --no-names says otherwise. */
function dumpBridgeFlows(daemon: SwitchDaemon, args: readonly string[]): string {
  const more = args.includes("-m") || args.includes("--more");
  const names = args.includes("--names") || (more && !args.includes("--no-names"));
  const bridge = bridgeNamed(daemon, args.at(-1) ?? "");
  const { datapath } = bridge.backer;
  const ours = new Set([...bridge.ports].map(({ datapathPort }) => datapathPort));
  const format = {
    more,
    plain: true,
    extensionHeaders: datapath.kind === "kernel",
    userspace: datapath.kind !== "kernel",
    tagLimit: datapath.tagLimit,
    ...(names ? { names: (number: number) => datapath.ports[number]?.name } : {}),
  };
  return [...datapath.table.flows]
    .filter((flow) => ours.has(word(flow.key, W.IN_PORT)))
    .map((flow) => `${formatFlow(flow, datapath.now, format)}\n`)
    .join("");
}
