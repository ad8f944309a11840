// What the kernel tells about a device: rtnl_fill_ifinfo(). Parts that belong to a protocol or a kind come from it.

import { RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import type { AfSpecification, LinkMessage, LinkStatistics } from "../../netlink/rtnl/link.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { writeU32BE } from "../../wire/bytes.ts";
import { writeMac } from "../../wire/mac.ts";
import type { NetDevice } from "../device.ts";
import { OPERSTATE } from "../device.ts";
import type { Netns } from "../netns.ts";
import { allocateNsid } from "../nsid.ts";
import type { LinkStatistics as Counters } from "../statistics.ts";

/** A protocol's part of IFLA_AF_SPEC (struct rtnl_af_ops). */
export interface LinkFamily {
  fill(device: NetDevice, extMask: number): AfSpecification;
  /** Errors: Refusal. Called for a request's AF_SPEC as far as it is this protocol's. */
  validate?(device: NetDevice | undefined, specification: AfSpecification): void;
  set?(device: NetDevice, specification: AfSpecification): void;
}

export interface FillOptions {
  /** ifi_change */
  readonly changed?: number;
  /** RTEXT_FILTER_* of the request. */
  readonly extMask?: number;
  /** IFLA_TARGET_NETNSID of a request about another namespace. */
  readonly targetNetnsid?: number | undefined;
}

const LINK_SEGMENTS = 65535;
const ALTERNATIVE_NAMES_HIDDEN: readonly string[] = [];

/** Address bytes as netlink carries them. */
export function macBytes(mac: number, length = 6): Uint8Array {
  const out = new Uint8Array(length);
  if (length === 6) writeMac(out, 0, mac);
  // The address of a tunnel is that of its end.
  else if (length === 4) writeU32BE(out, 0, mac);
  return out;
}

/** The record of `device` as `viewer` sees it: ids of other namespaces are the viewer's. */
export function linkRecord(device: NetDevice, viewer: Netns, options: FillOptions = {}): LinkMessage {
  const extMask = options.extMask ?? 0;
  const linkNetns = device.linkNetns;
  const foreign = linkNetns !== undefined && linkNetns !== device.netns;
  const iflink = device.iflink;
  const stats = extMask & RTEXT_FILTER.SKIP_STATS ? undefined : counters(device.statistics);
  const { kind, master } = device;
  const slaveData = master?.kind?.fillPort?.(master, device);
  const data = kind?.fill?.(device);
  const xstats = kind?.fillStatistics?.(device);
  const names = device.altNames.length > 0 ? device.altNames : ALTERNATIVE_NAMES_HIDDEN;
  let afSpec: AfSpecification = {};
  for (const family of device.kernel.linkFamilies) afSpec = { ...afSpec, ...family.fill(device, extMask) };

  return {
    family: AF.UNSPEC,
    type: device.hardwareType,
    index: device.ifindex,
    flags: device.visibleFlags,
    change: options.changed ?? 0,
    targetNetnsid: options.targetNetnsid,
    ifname: device.name,
    txqlen: device.txQueueLength,
    operstate: device.up ? device.operstate : OPERSTATE.DOWN,
    linkmode: device.linkMode,
    mtu: device.mtu,
    minMtu: device.minMtu,
    maxMtu: device.maxMtu,
    group: device.group,
    promiscuity: device.promiscuity,
    allmulti: device.allmulti,
    numTxQueues: device.txQueues,
    gsoMaxSegs: device.gsoMaxSegs,
    gsoMaxSize: device.gsoMaxSize,
    groMaxSize: device.groMaxSize,
    ...(device.kernel.profile.ipv4GsoSizes
      ? { gsoIpv4MaxSize: device.gsoIpv4MaxSize, groIpv4MaxSize: device.groIpv4MaxSize }
      : {}),
    tsoMaxSize: device.tsoMaxSize,
    tsoMaxSegs: LINK_SEGMENTS,
    numRxQueues: device.rxQueues,
    master: master?.ifindex,
    carrier: device.carrier ? 1 : 0,
    qdisc: device.qdisc,
    ifalias: device.alias,
    carrierChanges: device.carrierUpCount + device.carrierDownCount,
    carrierUpCount: device.carrierUpCount,
    carrierDownCount: device.carrierDownCount,
    protoDown: device.protoDown ? 1 : 0,
    protoDownReason: device.protoDownReason === 0 ? undefined : { value: device.protoDownReason },
    map: { memStart: 0, memEnd: 0, baseAddress: 0, irq: 0, dma: 0, port: 0 },
    ...(device.addressLength === 0
      ? {}
      : {
          address: macBytes(device.address, device.addressLength),
          broadcast: macBytes(device.broadcast, device.addressLength),
        }),
    stats64: stats && { ...stats },
    stats: stats && wrap32(stats),
    numVf: undefined,
    xdp: { attached: 0 },
    linkinfo:
      kind || slaveData
        ? {
            ...(kind ? { kind: kind.kind } : {}),
            ...(xstats ? { xstats } : {}),
            ...(data ? { data } : {}),
            ...(master?.kind ? { slaveKind: master.kind.kind } : {}),
            ...(slaveData ? { slaveData } : {}),
          }
        : master?.kind
          ? { slaveKind: master.kind.kind }
          : undefined,
    linkNetnsid: foreign ? allocateNsid(viewer, linkNetns) : undefined,
    link: foreign || iflink !== device.ifindex ? iflink : undefined,
    afSpec,
    propList: names.length > 0 ? { altIfname: [...names] } : undefined,
  };
}

/** IFLA_STATS64 of a device. */
export function linkCounters(device: NetDevice): LinkStatistics {
  return counters(device.statistics);
}

function counters(of: Counters): LinkStatistics {
  return { ...of, rxOtherhostDropped: 0 };
}

function wrap32(of: LinkStatistics): Omit<LinkStatistics, "rxOtherhostDropped"> {
  const { rxOtherhostDropped: _beyond, ...all } = of;
  const wrapped: Record<string, number> = {};
  for (const [name, value] of Object.entries(all)) wrapped[name] = value % 0x1_0000_0000;
  return wrapped as Omit<LinkStatistics, "rxOtherhostDropped">;
}
