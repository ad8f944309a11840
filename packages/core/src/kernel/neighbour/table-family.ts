// RTM_GETNEIGHTBL and RTM_SETNEIGHTBL: limits, counters and timing of the neighbour tables (net/core/neighbour.c:
// neightbl_dump_info, neightbl_set).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NeighbourTableMessage } from "../../netlink/rtnl/neighbour-table.ts";
import { decodeNeighbourTable, encodeNeighbourTable } from "../../netlink/rtnl/neighbour-table.ts";
import { AF, readFamily, RTM } from "../../netlink/rtnl/types.ts";
import { MILLISECOND } from "../../system/system.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import type { NeighbourKey } from "./entry.ts";
import type { NeighbourParameters } from "./parameters.ts";
import type { NeighbourTable } from "./table.ts";
import { neighbourTables } from "./table.ts";

type Table = NeighbourTable<NeighbourKey>;
type Parameters = NonNullable<NeighbourTableMessage["parms"]>;

/** sizeof(struct neighbour) with its key, bytes. */
const ENTRY_SIZE = { arp_cache: 408, ndisc_cache: 416 } as const;
/** Memory of a packet of full Ethernet length: what queueLen counts in. */
const FULL_PACKET = 2090;

function milliseconds(time: number): number {
  return Math.floor(time / MILLISECOND);
}

function parametersRecord(table: Table, parameters: NeighbourParameters, ifindex: number): Parameters {
  const { clock, random } = table.kernel;
  return {
    ifindex: ifindex === 0 ? undefined : ifindex,
    refcnt: 1,
    queueLenbytes: parameters.queueLengthBytes,
    queueLen: Math.floor(parameters.queueLengthBytes / FULL_PACKET),
    proxyQlen: parameters.proxyQueueLength,
    appProbes: parameters.appProbes,
    ucastProbes: parameters.ucastProbes,
    mcastProbes: parameters.mcastProbes,
    mcastReprobes: parameters.mcastReprobes,
    reachableTime: milliseconds(parameters.reachableTime(clock, random)),
    baseReachableTime: milliseconds(parameters.baseReachableTime),
    gcStaletime: milliseconds(parameters.gcStaleTime),
    delayProbeTime: milliseconds(parameters.delayProbeTime),
    retransTime: milliseconds(parameters.retransTime),
    anycastDelay: milliseconds(parameters.anycastDelay),
    proxyDelay: milliseconds(parameters.proxyDelay),
    locktime: milliseconds(parameters.locktime),
    intervalProbeTimeMs: milliseconds(parameters.intervalProbeTime),
  };
}

/** neightbl_fill_info() */
function tableBody(table: Table): Uint8Array {
  const { operations, statistics, kernel } = table;
  return encodeNeighbourTable({
    family: operations.family,
    name: operations.name,
    gcInterval: milliseconds(table.gcInterval),
    thresh1: table.gcThreshold1,
    thresh2: table.gcThreshold2,
    thresh3: table.gcThreshold3,
    config: {
      keyLen: operations.keyLength,
      entrySize: ENTRY_SIZE[operations.name],
      entries: table.entryCount,
      lastFlush: milliseconds(kernel.clock.now - table.lastFlush),
      lastRand: milliseconds(kernel.clock.now - table.createdAt),
      hashRnd: 0,
      hashMask: 7,
      hashChainGc: 0,
      proxyQlen: table.proxyQueueLength,
    },
    stats: {
      allocs: statistics.allocs,
      destroys: statistics.destroys,
      hashGrows: statistics.hashGrows,
      resFailed: statistics.failedResolutions,
      lookups: statistics.lookups,
      hits: statistics.hits,
      rcvProbesMcast: statistics.receivedMulticastProbes,
      rcvProbesUcast: statistics.receivedUnicastProbes,
      periodicGcRuns: statistics.periodicGcRuns,
      forcedGcRuns: statistics.forcedGcRuns,
      tableFulls: statistics.tableFulls,
    },
    parms: parametersRecord(table, table.parameters, 0),
  });
}

/** The table itself, then what each device of the namespace has of its own. */
function dump(request: Request): DumpResult {
  const family = readFamily(request.message.body);
  const bodies: Uint8Array[] = [];
  for (const table of neighbourTables(request.netns.kernel)) {
    if (family !== AF.UNSPEC && table.operations.family !== family) continue;
    bodies.push(tableBody(table));
    for (const device of request.netns.devices.values()) {
      const parameters = table.parametersOf(device);
      if (parameters === undefined) continue;
      bodies.push(
        encodeNeighbourTable({
          family: table.operations.family,
          name: table.operations.name,
          parms: parametersRecord(table, parameters, device.ifindex),
        }),
      );
    }
  }
  return { type: RTM.NEWNEIGHTBL, bodies };
}

/** Members of NDTPA_* that can be set, and what they are called here; times are milliseconds there. */
const COUNTS = [
  ["queueLenbytes", "queueLengthBytes"],
  ["proxyQlen", "proxyQueueLength"],
  ["appProbes", "appProbes"],
  ["ucastProbes", "ucastProbes"],
  ["mcastProbes", "mcastProbes"],
  ["mcastReprobes", "mcastReprobes"],
] as const;
const TIMES = [
  ["gcStaletime", "gcStaleTime"],
  ["delayProbeTime", "delayProbeTime"],
  ["intervalProbeTimeMs", "intervalProbeTime"],
  ["retransTime", "retransTime"],
  ["anycastDelay", "anycastDelay"],
  ["proxyDelay", "proxyDelay"],
  ["locktime", "locktime"],
] as const;

/** neightbl_set() */
function set(request: Request): void {
  const message = decodeNeighbourTable(request.message.body);
  if (isMalformed(message) || message.name === undefined) throw new Refusal(ERRNO.EINVAL);
  const { kernel } = request.netns;
  const table = neighbourTables(kernel).find(
    ({ operations }) =>
      operations.name === message.name &&
      (message.family === AF.UNSPEC || operations.family === message.family),
  );
  if (table === undefined) throw new Refusal(ERRNO.ENOENT);
  if (message.parms !== undefined) setParameters(request, table, message.parms);
  const limits = [message.thresh1, message.thresh2, message.thresh3, message.gcInterval];
  if (limits.every((limit) => limit === undefined)) return;
  if (request.netns !== kernel.init) throw new Refusal(ERRNO.ENOENT);
  table.gcThreshold1 = message.thresh1 ?? table.gcThreshold1;
  table.gcThreshold2 = message.thresh2 ?? table.gcThreshold2;
  table.gcThreshold3 = message.thresh3 ?? table.gcThreshold3;
  if (message.gcInterval !== undefined) table.gcInterval = message.gcInterval * MILLISECOND;
}

function setParameters({ netns }: Request, table: Table, wanted: Parameters): void {
  const device = wanted.ifindex === undefined ? undefined : netns.deviceByIndex(wanted.ifindex);
  const host = wanted.ifindex === undefined && netns === netns.kernel.init ? table.parameters : undefined;
  const parameters = device === undefined ? host : table.parametersOf(device);
  if (parameters === undefined) throw new Refusal(ERRNO.ENOENT);
  if (wanted.queueLen !== undefined) parameters.queueLengthBytes = wanted.queueLen * FULL_PACKET;
  for (const [attribute, member] of COUNTS) parameters[member] = wanted[attribute] ?? parameters[member];
  for (const [attribute, member] of TIMES) {
    const value = wanted[attribute];
    if (value !== undefined) parameters[member] = value * MILLISECOND;
  }
  if (wanted.baseReachableTime !== undefined)
    parameters.setBaseReachableTime(wanted.baseReachableTime * MILLISECOND);
}

export function installNeighbourTables(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETNEIGHTBL, { dump });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.SETNEIGHTBL, { doit: set });
}
