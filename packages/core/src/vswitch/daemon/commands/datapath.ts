// Commands about datapaths: dpif/*, which know bridges, and dpctl/*, which are those of ovs-dpctl(8).

import { ERRNO, strerror } from "../../../netlink/errno.ts";
import type { Datapath, DpPort } from "../../datapath/datapath.ts";
import { formatFlow } from "../../datapath/format-flow.ts";
import type { PortNames } from "../../datapath/format-actions.ts";
import { MASK_CACHE_SIZE } from "../../datapath/flow-table.ts";
import { W, word } from "../../flow/flow.ts";
import type { Backer } from "../../ofproto/backer.ts";
import type { PortCounters } from "../../ofproto/port-counters.ts";
import type { OfPort } from "../../ofproto/port.ts";
import type { SwitchDaemon } from "../switchd.ts";
import { defaultTunnelPort, formatTunnelOptions } from "../tunnel-config.ts";
import { CommandError } from "../unixctl.ts";
import type { UnixctlServer } from "../unixctl.ts";
import { bridgeNamed } from "./bridges.ts";
import { setFeature, showFeatures } from "./datapath-features.ts";

export function registerDatapathCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  server.register("dpif/dump-dps", "", 0, 0, () =>
    [...daemon.bridges.values()]
      .map(({ name, type }) => `${type}@${name}\n`)
      .sort()
      .join(""),
  );
  server.register("dpif/show", "", 0, 0, () =>
    sorted(daemon)
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
  server.register("dpctl/dump-dps", "", 0, 0, () =>
    sorted(daemon)
      .map(({ type, datapath }) => `${type}@${datapath.name}\n`)
      .join(""),
  );
  server.register("dpctl/show", "[-s] [dp...]", 0, Infinity, (args) => showDatapaths(daemon, args));
  server.register(
    "dpctl/dump-flows",
    "[-m] [--names] [dp] [filter=..] [type=..] [pmd=..]",
    0,
    Infinity,
    (args) => dumpDatapathFlows(daemon, args),
  );
  server.register("dpctl/del-flows", "[dp] [file]", 0, 2, ([name]) => {
    backerNamed(daemon, name).purge();
    return "";
  });
  server.register("dpctl/cache-get-size", "[dp]", 0, 1, () => `masks-cache: ${MASK_CACHE_SIZE}\n`);
}

/** By type. */
function sorted(daemon: SwitchDaemon): Backer[] {
  return [...daemon.backers.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}

const NOT_FOUND = "ovs-vswitchd: datapath not found (Invalid argument)";

/** opt_dpif_open(): `dummy@ovs-dummy`, `ovs-system` for system@ovs-system, or nothing if there is only one. */
export function backerNamed(daemon: SwitchDaemon, name: string | undefined): Backer {
  const all = [...daemon.backers.values()];
  if (name === undefined) {
    const [only] = all;
    if (!only) throw new CommandError(`ovs-vswitchd: no datapaths exist\n${NOT_FOUND}`);
    if (all.length > 1) throw new CommandError(`ovs-vswitchd: multiple datapaths, specify one\n${NOT_FOUND}`);
    return only;
  }
  const found = all.find((backer) => isNamed(backer, name));
  if (!found) throw new CommandError(NOT_FOUND);
  return found;
}

/** Without a type, that of the kernel's is meant (dp_parse_name). */
function isNamed({ type, datapath }: Backer, name: string): boolean {
  return (name.includes("@") ? name : `system@${name}`) === `${type}@${datapath.name}`;
}

/** dpctl/show opens what it is told to, and says why it cannot. */
function shownBacker(daemon: SwitchDaemon, name: string): Backer {
  const found = [...daemon.backers.values()].find((backer) => isNamed(backer, name));
  if (found) return found;
  const type = name.includes("@") ? name.slice(0, name.indexOf("@")) : "system";
  const errno = daemon.host.datapathTypes.has(type) ? ERRNO.ENODEV : ERRNO.EAFNOSUPPORT;
  throw new CommandError(`ovs-vswitchd: opening datapath ${name} failed (${strerror(errno)})`);
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

/** What internal ports are in each kind of datapath (dpif_netdev_port_open_type). */
const INTERNAL_TYPES = { kernel: "internal", userspace: "tap", dummy: "dummy-internal" } as const;

/** netdev_get_config(): options as the device took them. */
function optionsOf(port: OfPort): string {
  if (port.dummy) return port.dummy.description;
  if (port.type === "patch") return `: peer=${port.peerName}`;
  return port.tunnel ? `: ${formatTunnelOptions(port.tunnel.config)}` : "";
}

function showDatapaths(daemon: SwitchDaemon, args: readonly string[]): string {
  const statistics = args.includes("-s") || args.includes("--statistics");
  const names = args.filter((arg) => !arg.startsWith("-"));
  const backers = names.length === 0 ? sorted(daemon) : names.map((name) => shownBacker(daemon, name));
  return backers.map((backer) => showDatapath(daemon, backer, statistics)).join("");
}

function showDatapath(daemon: SwitchDaemon, { type, datapath }: Backer, statistics: boolean): string {
  const { dummies } = daemon.host;
  const { hits, misses, lost, table } = datapath;
  let text =
    `${type}@${datapath.name}:\n` +
    `  lookups: hit:${hits} missed:${misses} lost:${lost}\n` +
    `  flows: ${table.flows.size}\n`;
  if (datapath.kind === "kernel") text += showMasks(datapath);
  for (const port of datapath.ports) {
    if (!port) continue;
    text += `  port ${port.number}: ${port.name}${typeOf(datapath, port, dummies?.of(port.device)?.description ?? "")}\n`;
    if (!statistics) continue;
    const dummy = dummies?.of(port.device);
    text += dummy ? showSparseCounters(dummy.counters) : showCounters(port);
  }
  return text;
}

/** Only the kernel's datapath tells of its masks. */
function showMasks({ hits, misses, table }: Datapath): string {
  const packets = hits + misses;
  const rate = packets === 0 ? "0.00" : (table.maskHits / packets).toFixed(2);
  let text = `  masks: hit:${table.maskHits} total:${table.maskCount} hit/pkt:${rate}\n`;
  if (table.cacheHits > 0) {
    text += `  cache: hit:${table.cacheHits} hit-rate:${((100 * table.cacheHits) / packets).toFixed(2)}%\n`;
  }
  return `${text}  caches:\n    masks-cache: size:${MASK_CACHE_SIZE}\n`;
}

function typeOf({ kind }: Datapath, { type, dummyType, udpPort = 0 }: DpPort, description: string): string {
  switch (type) {
    case "system":
      return "";
    case "internal":
      return ` (${INTERNAL_TYPES[kind]})`;
    case "dummy":
      return dummyType === "system" ? "" : ` (${dummyType}${description})`;
    default:
      return udpPort === defaultTunnelPort(type)
        ? ` (${type}: packet_type=ptap)`
        : ` (${type}: dst_port=${udpPort}, packet_type=ptap)`;
  }
}

function showCounters({ device, type }: DpPort): string {
  const s = device.statistics;
  const [rx, tx] =
    type === "internal"
      ? [
          { packets: s.txPackets, bytes: s.txBytes, errors: s.txErrors, dropped: s.txDropped },
          { packets: s.rxPackets, bytes: s.rxBytes, errors: s.rxErrors, dropped: s.rxDropped },
        ]
      : [
          { packets: s.rxPackets, bytes: s.rxBytes, errors: s.rxErrors, dropped: s.rxDropped },
          { packets: s.txPackets, bytes: s.txBytes, errors: s.txErrors, dropped: s.txDropped },
        ];
  return (
    `    RX packets:${rx.packets} errors:${rx.errors} dropped:${rx.dropped} overruns:${s.rxOverErrors} frame:${s.rxFrameErrors}\n` +
    `    TX packets:${tx.packets} errors:${tx.errors} dropped:${tx.dropped} aborted:${s.txAbortedErrors} carrier:${s.txCarrierErrors}\n` +
    `    collisions:${s.collisions}\n` +
    `    RX bytes:${rx.bytes}${binarySize(rx.bytes)}  TX bytes:${tx.bytes}${binarySize(tx.bytes)}\n`
  );
}

/** Of a port that has four counters only. */
function showSparseCounters({ rxPackets, rxBytes, txPackets, txBytes }: PortCounters): string {
  return (
    `    RX packets:${rxPackets} errors:? dropped:? overruns:? frame:?\n` +
    `    TX packets:${txPackets} errors:? dropped:? aborted:? carrier:?\n` +
    `    collisions:?\n` +
    `    RX bytes:${rxBytes}${binarySize(rxBytes)}  TX bytes:${txBytes}${binarySize(txBytes)}\n`
  );
}

/** print_human_size() */
function binarySize(value: number): string {
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let unit = -1;
  let scaled = value;
  while (scaled >= 1024 && unit < units.length - 1) {
    scaled /= 1024;
    unit++;
  }
  return unit < 0 ? "" : ` (${scaled.toFixed(1)} ${units[unit]})`;
}

function namesOf(datapath: Datapath): PortNames {
  return (number) => datapath.ports[number]?.name;
}

interface DumpOptions {
  readonly more: boolean;
  readonly names: boolean;
  readonly rest: readonly string[];
}

/** -m implies names unless --no-names says otherwise. */
function dumpOptions(args: readonly string[]): DumpOptions {
  const more = args.includes("-m") || args.includes("--more");
  const names = args.includes("--names") || (more && !args.includes("--no-names"));
  return { more, names, rest: args.filter((arg) => !arg.startsWith("-")) };
}

function dumpBridgeFlows(daemon: SwitchDaemon, args: readonly string[]): string {
  const { more, names, rest } = dumpOptions(args);
  const name = rest[0] ?? "";
  const bridge = bridgeNamed(daemon, name);
  const { backer } = bridge;
  const ours = (number: number) => {
    for (const port of bridge.ports) if (port.datapathPort === number) return true;
    return false;
  };
  return dump(backer, more, names, (flow) => ours(word(flow.key, W.IN_PORT)));
}

function dumpDatapathFlows(daemon: SwitchDaemon, args: readonly string[]): string {
  const { more, names, rest } = dumpOptions(args);
  const backer = backerNamed(
    daemon,
    rest.find((arg) => !arg.includes("=")),
  );
  const text = dump(backer, more, names, () => true);
  // The daemon's own datapath names the thread whose flows follow.
  return backer.datapath.kind !== "kernel" && text !== "" ? `flow-dump from the main thread:\n${text}` : text;
}

function dump(
  backer: Backer,
  more: boolean,
  names: boolean,
  wanted: (flow: { readonly key: Uint32Array }) => boolean,
): string {
  const { datapath } = backer;
  const format = {
    more,
    extensionHeaders: datapath.kind === "kernel",
    userspace: datapath.kind !== "kernel",
    ...(names ? { names: namesOf(datapath) } : {}),
  };
  let text = "";
  for (const flow of datapath.table.flows) {
    if (wanted(flow)) text += `${formatFlow(flow, datapath.now, format)}\n`;
  }
  return text;
}
