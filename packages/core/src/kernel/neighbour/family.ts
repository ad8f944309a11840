// RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH of the neighbour tables (net/core/neighbour.c: neigh_add, neigh_delete, neigh_get,
// neigh_dump_info). Registered for AF_UNSPEC, as in Linux: the message's family chooses the table. FDBs have their own.

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import type { NeighbourMessage } from "../../netlink/rtnl/neighbour.ts";
import { decodeNeighbour, encodeNeighbour, NTF, NTF_EXT, NUD } from "../../netlink/rtnl/neighbour.ts";
import { AF, readFamily, RTM } from "../../netlink/rtnl/types.ts";
import { readMac, writeMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { NetDevice } from "../device.ts";
import type { Kernel } from "../kernel.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import type { Netns } from "../netns.ts";
import type { Neighbour, NeighbourKey } from "./entry.ts";
import { NUD_VALID, UPDATE } from "./state.ts";
import type { NeighbourTable, ProxyEntry } from "./table.ts";
import { neighbourTables, onNeighbourChange } from "./table.ts";

type Table = NeighbourTable<NeighbourKey>;
type Entry = Neighbour<NeighbourKey>;

const TICK = 10_000_000; // USER_HZ 100, nanoseconds
const HEADER_LENGTH = 12;
const RTN_UNICAST = 1;
/** NDA_MASTER of a dump of devices that are no ports: -1. */
const NO_MASTER = 0xffff_ffff;

function invalid(text: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

function decode(request: Request): NeighbourMessage {
  const message = decodeNeighbour(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

function tableOf(kernel: Kernel, family: number): Table | undefined {
  return neighbourTables(kernel).find((table) => table.operations.family === family);
}

/** The device of a request, if it names one. Errors: ENODEV. */
function deviceOf(netns: Netns, message: NeighbourMessage): NetDevice | undefined {
  if (message.ifindex === 0) return undefined;
  const device = netns.deviceByIndex(message.ifindex);
  if (device === undefined) throw new Refusal(ERRNO.ENODEV);
  return device;
}

function keyOf(table: Table, bytes: Uint8Array): NeighbourKey {
  if (bytes.length < table.operations.keyLength) throw invalid("Invalid network address");
  return table.operations.keyFrom(bytes);
}

/** neigh_add() */
function add(request: Request): void {
  const message = decode(request);
  const { netns } = request;
  if (message.dst === undefined) throw invalid("Network address not specified");
  const device = deviceOf(netns, message);
  const { lladdr } = message;
  if (device !== undefined && lladdr !== undefined && lladdr.length < device.addressLength) {
    throw invalid("Invalid link address");
  }
  const table = tableOf(netns.kernel, message.family);
  if (table === undefined) throw new Refusal(ERRNO.EAFNOSUPPORT);
  const key = keyOf(table, message.dst);
  const managed = ((message.flagsExt ?? 0) & NTF_EXT.MANAGED) !== 0;
  if ((message.flags & NTF.PROXY) !== 0) {
    if (managed) throw invalid("Invalid NTF_* flag combination");
    const proxy = table.addProxy(netns, key, device);
    proxy.flags = message.flags;
    if (message.protocol !== undefined) proxy.protocol = message.protocol;
    return;
  }
  if (device === undefined) throw invalid("Device not specified");
  const obstacle = table.operations.mayAdd?.(device);
  if (obstacle !== undefined) throw invalid(obstacle);
  const permanent = (message.state & NUD.PERMANENT) !== 0;
  if (managed && permanent) throw invalid("Invalid NTF_* flag for permanent entry");

  let flags: number = UPDATE.ADMIN | UPDATE.OVERRIDE | UPDATE.OVERRIDE_ISROUTER;
  let neighbour = table.find(device, key);
  const requestFlags = request.message.flags;
  if (neighbour === undefined) {
    if ((requestFlags & NLM_F.CREATE) === 0) throw new Refusal(ERRNO.ENOENT);
    const exempt = permanent || (message.flags & NTF.EXT_LEARNED) !== 0;
    neighbour = table.create(device, key, exempt, message.flags & NTF.EXT_LEARNED);
    if (neighbour === undefined) throw new Refusal(ERRNO.EINVAL);
  } else {
    if ((requestFlags & NLM_F.EXCL) !== 0) throw new Refusal(ERRNO.EEXIST);
    if ((requestFlags & NLM_F.REPLACE) === 0) flags &= ~(UPDATE.OVERRIDE | UPDATE.OVERRIDE_ISROUTER);
  }
  if (message.protocol !== undefined) neighbour.protocol = message.protocol;
  if ((message.flags & NTF.EXT_LEARNED) !== 0) flags |= UPDATE.EXT_LEARNED;
  if ((message.flags & NTF.ROUTER) !== 0) flags |= UPDATE.ISROUTER;
  const use = (message.flags & NTF.USE) !== 0;
  if (use) flags |= UPDATE.USE;
  const address = lladdr === undefined || device.addressLength !== 6 ? undefined : readMac(lladdr, 0);
  refuse(neighbour.update(address, message.state, flags));
  if (use) neighbour.use();
}

function refuse(result: { readonly errno: number; readonly text?: string } | undefined): void {
  if (result !== undefined)
    throw result.text === undefined ? new Refusal(result.errno) : new Refusal(result.errno, result.text);
}

/** neigh_delete() */
function remove(request: Request): void {
  const message = decode(request);
  const { netns } = request;
  if (message.dst === undefined) throw invalid("Network address not specified");
  const device = deviceOf(netns, message);
  const table = tableOf(netns.kernel, message.family);
  if (table === undefined) throw new Refusal(ERRNO.EAFNOSUPPORT);
  const key = keyOf(table, message.dst);
  if ((message.flags & NTF.PROXY) !== 0) {
    if (!table.removeProxy(netns, key, device)) throw new Refusal(ERRNO.ENOENT);
    return;
  }
  if (device === undefined) throw new Refusal(ERRNO.EINVAL);
  const neighbour = table.find(device, key);
  if (neighbour === undefined) throw new Refusal(ERRNO.ENOENT);
  const result = neighbour.update(undefined, NUD.FAILED, UPDATE.OVERRIDE | UPDATE.ADMIN);
  table.remove(neighbour);
  refuse(result);
}

/** neigh_get() */
function getOne(request: Request): void {
  const message = decode(request);
  const { netns } = request;
  if (message.state !== 0 || message.type !== 0)
    throw invalid("Invalid values in header for neighbor get request");
  if ((message.flags & ~NTF.PROXY) !== 0) throw invalid("Invalid flags in header for neighbor get request");
  const table = tableOf(netns.kernel, message.family);
  if (table === undefined) {
    throw new Refusal(ERRNO.EAFNOSUPPORT, "Unsupported address family in header for neighbor get request");
  }
  if (message.dst !== undefined && message.dst.length !== table.operations.keyLength) {
    throw invalid("Invalid network address in neighbor get request");
  }
  if (message.lladdr !== undefined) throw invalid("Unsupported attribute in neighbor get request");
  const device = message.ifindex === 0 ? undefined : netns.deviceByIndex(message.ifindex);
  if (message.ifindex !== 0 && device === undefined)
    throw new Refusal(ERRNO.ENODEV, "Unknown device ifindex");
  if (message.dst === undefined) throw invalid("Network address not specified");
  const key = table.operations.keyFrom(message.dst);
  if ((message.flags & NTF.PROXY) !== 0) {
    const proxy = table.findProxy(netns, key, device);
    if (proxy === undefined) throw new Refusal(ERRNO.ENOENT, "Proxy neighbour entry not found");
    request.reply(RTM.NEWNEIGH, proxyBody(table, proxy));
    return;
  }
  if (device === undefined) throw invalid("No device specified");
  const neighbour = table.find(device, key);
  if (neighbour === undefined) throw new Refusal(ERRNO.ENOENT, "Neighbour entry not found");
  request.reply(RTM.NEWNEIGH, neighbourBody(neighbour));
}

/** neigh_fill_info() */
export function neighbourBody(neighbour: Entry): Uint8Array {
  const { device, table, state } = neighbour;
  const { now } = device.kernel.clock;
  const ago = (time: number): number => Math.floor((now - time) / TICK) >>> 0;
  return encodeNeighbour({
    family: table.operations.family,
    ifindex: device.ifindex,
    state,
    flags: neighbour.flags,
    type: neighbour.type,
    dst: table.operations.keyBytes(neighbour.key),
    lladdr: (state & NUD_VALID) === 0 ? undefined : linkAddress(neighbour),
    probes: neighbour.probes,
    cacheinfo: {
      confirmed: ago(neighbour.confirmed),
      used: ago(neighbour.used),
      updated: ago(neighbour.updated),
      refcnt: neighbour.busy ? 1 : 0,
    },
    protocol: neighbour.protocol === 0 ? undefined : neighbour.protocol,
  });
}

function linkAddress({ device, address }: Entry): Uint8Array {
  const bytes = new Uint8Array(device.addressLength);
  if (bytes.length === 6) writeMac(bytes, 0, address);
  return bytes;
}

/** pneigh_fill_info() */
function proxyBody(table: Table, proxy: ProxyEntry<NeighbourKey>): Uint8Array {
  return encodeNeighbour({
    family: table.operations.family,
    ifindex: proxy.device?.ifindex ?? 0,
    state: NUD.NONE,
    flags: proxy.flags | NTF.PROXY,
    type: RTN_UNICAST,
    dst: table.operations.keyBytes(proxy.key),
    protocol: proxy.protocol === 0 ? undefined : proxy.protocol,
  });
}

/** Devices that a dump is limited to. */
interface DumpFilter {
  readonly ifindex: number;
  readonly master: number;
  readonly proxies: boolean;
}

/** neigh_valid_dump_req() */
function dumpFilter(request: Request): DumpFilter {
  const { body } = request.message;
  const nothing = { ifindex: 0, master: 0, proxies: false };
  if (body.length < HEADER_LENGTH) return nothing;
  const message = decode(request);
  const proxies = (message.flags & NTF.PROXY) !== 0 && message.flags === NTF.PROXY;
  if (request.endpoint.options.strictCheck) {
    if (message.ifindex !== 0 || message.state !== 0 || message.type !== 0) {
      throw invalid("Invalid values in header for neighbor dump request");
    }
    if ((message.flags & ~NTF.PROXY) !== 0)
      throw invalid("Invalid flags in header for neighbor dump request");
  }
  return { ifindex: message.ndaIfindex ?? 0, master: message.master ?? 0, proxies };
}

function isFiltered(device: NetDevice | undefined, { ifindex, master }: DumpFilter): boolean {
  if (ifindex !== 0 && device?.ifindex !== ifindex) return true;
  if (master === NO_MASTER) return device?.master !== undefined;
  return master !== 0 && device?.master?.ifindex !== master;
}

/** neigh_dump_info() */
function dump(request: Request): DumpResult {
  const family = readFamily(request.message.body);
  const filter = dumpFilter(request);
  const bodies: Uint8Array[] = [];
  for (const table of neighbourTables(request.netns.kernel)) {
    if (family !== AF.UNSPEC && table.operations.family !== family) continue;
    if (filter.proxies) {
      for (const proxy of table.proxies(request.netns)) {
        if (!isFiltered(proxy.device, filter)) bodies.push(proxyBody(table, proxy));
      }
      continue;
    }
    for (const neighbour of table.entries(request.netns)) {
      if (!isFiltered(neighbour.device, filter)) bodies.push(neighbourBody(neighbour));
    }
  }
  return { type: RTM.NEWNEIGH, filtered: filter.ifindex !== 0 || filter.master !== 0, bodies };
}

/** __neigh_notify() */
function announce(neighbour: Entry, gone: boolean): void {
  const { netns } = neighbour.device;
  if (!hasListeners(netns, 0, RTNLGRP.NEIGH)) return;
  notifyGroup(netns, 0, RTNLGRP.NEIGH, gone ? RTM.DELNEIGH : RTM.NEWNEIGH, neighbourBody(neighbour));
}

/** Before the layers that have tables. */
export function installNeighbours(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.UNSPEC, RTM.NEWNEIGH, { doit: add });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.DELNEIGH, { doit: remove });
  kernel.rtnetlink.register(AF.UNSPEC, RTM.GETNEIGH, { doit: getOne, dump });
  onNeighbourChange(kernel, announce);
}
