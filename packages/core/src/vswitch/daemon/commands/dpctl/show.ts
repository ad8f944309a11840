// dpctl/show, dpctl/dump-dps and the sizes of caches: what datapaths there are, with their ports and counters.

import { ERRNO } from "../../../../netlink/errno.ts";
import type { Datapath, DpPort } from "../../../datapath/datapath.ts";
import { MASK_CACHE_SIZE } from "../../../datapath/flow-table.ts";
import type { PortCounters } from "../../../ofproto/port-counters.ts";
import type { SwitchDaemon } from "../../switchd.ts";
import { defaultTunnelPort } from "../../tunnel-config.ts";
import type { UnixctlServer } from "../../unixctl.ts";
import { INTERNAL_TYPES } from "../datapath-types.ts";
import { registerDpctl } from "./call.ts";
import type { DpctlCall } from "./call.ts";
import { allDpifs, dpifName, openDpif, optionalDpif } from "./open-datapath.ts";
import type { Dpif } from "./open-datapath.ts";

export function registerShowCommands(server: UnixctlServer, daemon: SwitchDaemon): void {
  registerDpctl(server, "dump-dps", "", 0, 0, (call) => {
    for (const dpif of allDpifs(daemon)) call.print(`${dpifName(dpif)}\n`);
    return 0;
  });
  registerDpctl(server, "show", "[-s] [dp...]", 0, Infinity, (call) => show(daemon, call));
  registerDpctl(server, "cache-get-size", "[dp]", 0, 1, (call) => {
    const [name] = call.words;
    const dpif = name === undefined ? undefined : openDpif(daemon, name);
    if (typeof dpif === "number") return call.error(dpif, `Opening datapath ${name} failed`);
    for (const each of dpif ? [dpif] : allDpifs(daemon)) {
      call.print(`${dpifName(each)}:\n${each.datapath.kind === "kernel" ? CACHES : ""}`);
    }
    return 0;
  });
  registerDpctl(server, "cache-set-size", "dp cache <size>", 3, 3, (call) => {
    const [name = ""] = call.words;
    const dpif = openDpif(daemon, name);
    if (typeof dpif === "number") return call.error(dpif, `Opening datapath ${name} failed`);
    return call.error(ERRNO.EOPNOTSUPP, "Setting caches not supported");
  });
  registerDpctl(server, "offload-stats-show", "[dp]", 0, 1, (call) => {
    if (!optionalDpif(daemon, call, 2)) return ERRNO.EINVAL;
    return call.error(ERRNO.EINVAL, "retrieving offload statistics");
  });
}

/** Only the kernel's datapath has one. */
const CACHES = `  caches:\n    masks-cache: size:${MASK_CACHE_SIZE}\n`;

function show(daemon: SwitchDaemon, call: DpctlCall): number {
  if (call.words.length === 0) {
    for (const dpif of allDpifs(daemon)) showDatapath(daemon, call, dpif);
    return 0;
  }
  let last = 0;
  for (const name of call.words) {
    const dpif = openDpif(daemon, name);
    if (typeof dpif === "number") last = call.error(dpif, `opening datapath ${name} failed`);
    else showDatapath(daemon, call, dpif);
  }
  return last;
}

function showDatapath(daemon: SwitchDaemon, call: DpctlCall, dpif: Dpif): void {
  const { dummies } = daemon.host;
  const { datapath } = dpif;
  const { hits, misses, lost, table } = datapath;
  call.print(
    `${dpifName(dpif)}:\n  lookups: hit:${hits} missed:${misses} lost:${lost}\n  flows: ${table.flows.size}\n`,
  );
  if (datapath.kind === "kernel") call.print(masks(datapath));
  for (const port of datapath.ports.filter((each) => each !== undefined)) {
    const dummy = dummies?.of(port.device);
    call.print(`  port ${port.number}: ${port.name}${typeOf(datapath, port, dummy?.description ?? "")}\n`);
    if (call.options.statistics) call.print(dummy ? sparseCounters(dummy.counters) : counters(port));
  }
}

/** Only the kernel's datapath tells of its masks. */
function masks({ hits, misses, table }: Datapath): string {
  const packets = hits + misses;
  const rate = packets === 0 ? "0.00" : (table.maskHits / packets).toFixed(2);
  let text = `  masks: hit:${table.maskHits} total:${table.maskCount} hit/pkt:${rate}\n`;
  if (table.cacheHits > 0) {
    text += `  cache: hit:${table.cacheHits} hit-rate:${((100 * table.cacheHits) / packets).toFixed(2)}%\n`;
  }
  return text + CACHES;
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

function counters({ device, type }: DpPort): string {
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
function sparseCounters({ rxPackets, rxBytes, txPackets, txBytes }: PortCounters): string {
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
