// Flows of the kernel's datapaths that somebody has put in by hand with ovs-dpctl (linux/openvswitch.h): what a request may change of
// them, how they are, and what takes it back. Those of the datapath that a switch daemon keeps are its cache, and nobody's.

import type { NetlinkClient, NetlinkResult } from "@patchcord/core/netlink/client.ts";
import {
  OVS_CMD,
  OVS_FAMILY,
  OVS_VERSION,
  ovsDatapath,
  ovsFlow,
} from "@patchcord/core/netlink/generic/openvswitch.ts";
import { decodeMessages, NLM_F } from "@patchcord/core/netlink/message.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { datapathsNow, familyNumbers } from "./kernel-datapaths.ts";
import type { FamilyNumber } from "./kernel-datapaths.ts";

/** All flows of the datapath with this name. */
export interface FlowScope {
  readonly kind: "flows";
  readonly datapath: string;
}

/** Attributes as the kernel tells them, base64. */
interface FlowEntry {
  /** Names the flow, if it was given one; otherwise the key does. */
  readonly ufid?: string;
  readonly key: string;
  readonly mask?: string;
  readonly actions: string;
}

/** The daemon's one for all its bridges (dp_backer of Open vSwitch's ofproto/ofproto-dpif.c). */
const OF_DAEMON = "ovs-system";

/** What the requests of a datagram may change; `nameOf` tells a datapath's name by the index of its device. */
export function flowScopes(
  datagram: Uint8Array,
  numberOf: FamilyNumber,
  nameOf: (ifindex: number) => string | undefined,
): FlowScope[] {
  return decodeMessages(datagram).messages.flatMap(({ type, body }): FlowScope[] => {
    const cmd = body[0] ?? 0;
    let datapath: string | undefined;
    if (cmd !== OVS_CMD.GET && type === numberOf(OVS_FAMILY.FLOW)) {
      const flow = ovsFlow.decode(body);
      if (!isMalformed(flow)) datapath = nameOf(flow.dpIfindex);
    } else if (cmd === OVS_CMD.DEL && type === numberOf(OVS_FAMILY.DATAPATH)) {
      const gone = ovsDatapath.decode(body);
      if (!isMalformed(gone)) datapath = gone.name ?? nameOf(gone.dpIfindex);
    }
    return datapath === undefined || datapath === OF_DAEMON ? [] : [{ kind: "flows", datapath }];
  });
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const bytesOf = (text: string): Uint8Array => Buffer.from(text, "base64");

function indexOf(generic: NetlinkClient, numberOf: FamilyNumber, datapath: string): number | undefined {
  return datapathsNow(generic, numberOf).find(({ entry }) => entry.name === datapath)?.ifindex;
}

function flowsNow(generic: NetlinkClient, numberOf: FamilyNumber, { datapath }: FlowScope): FlowEntry[] {
  const family = numberOf(OVS_FAMILY.FLOW);
  const dpIfindex = indexOf(generic, numberOf, datapath);
  if (family === undefined || dpIfindex === undefined) return [];
  const result = generic.dump(family, ovsFlow.encode({ cmd: OVS_CMD.GET, version: OVS_VERSION, dpIfindex }));
  if (!result.ok) return [];
  return result.messages.flatMap(({ body }): FlowEntry[] => {
    const flow = ovsFlow.decode(body);
    if (isMalformed(flow) || flow.key === undefined) return [];
    const { ufid, key, mask, actions = new Uint8Array() } = flow;
    return [
      {
        ...(ufid === undefined ? {} : { ufid: base64(ufid) }),
        key: base64(key),
        ...(mask === undefined ? {} : { mask: base64(mask) }),
        actions: base64(actions),
      },
    ];
  });
}

export function lookFlows(generic: NetlinkClient, scope: FlowScope): Uint8Array[] {
  return flowsNow(generic, familyNumbers(generic), scope).map((flow) => Buffer.from(JSON.stringify(flow)));
}

const entryOf = (bytes: Uint8Array): FlowEntry => JSON.parse(Buffer.from(bytes).toString()) as FlowEntry;
const nameOf = ({ ufid, key }: FlowEntry): string => ufid ?? `key ${key}`;

export interface FlowBack {
  readonly made: boolean;
  readonly ask: () => NetlinkResult | undefined;
}

/** What takes back the changes between two looks that still are as they were left. `after`: undefined if it is not known. */
export function flowsBack(
  generic: NetlinkClient,
  scope: FlowScope,
  before: readonly Uint8Array[],
  after: readonly Uint8Array[] | undefined,
): FlowBack[] {
  const numberOf = familyNumbers(generic);
  const listed = flowsNow(generic, numberOf, scope);
  const byName = (flows: readonly FlowEntry[]): ReadonlyMap<string, FlowEntry> =>
    new Map(flows.map((flow) => [nameOf(flow), flow]));
  const [was, now] = [byName(before.map(entryOf)), byName(listed)];
  const became = after === undefined ? now : byName(after.map(entryOf));
  const same = (one: FlowEntry | undefined, other: FlowEntry | undefined): boolean =>
    JSON.stringify(one) === JSON.stringify(other);
  return [...new Set([...was.keys(), ...became.keys()])].flatMap((name): FlowBack[] => {
    const [old, left, present] = [was.get(name), became.get(name), now.get(name)];
    if (same(old, left) || !same(left, present)) return [];
    const flow = old ?? left;
    if (flow === undefined) return [];
    const cmd = old === undefined ? OVS_CMD.DEL : left === undefined ? OVS_CMD.NEW : OVS_CMD.SET;
    return [{ made: cmd === OVS_CMD.DEL, ask: () => request(generic, numberOf, scope, cmd, flow) }];
  });
}

function request(
  generic: NetlinkClient,
  numberOf: FamilyNumber,
  { datapath }: FlowScope,
  cmd: number,
  { ufid, key, mask, actions }: FlowEntry,
): NetlinkResult | undefined {
  const family = numberOf(OVS_FAMILY.FLOW);
  const dpIfindex = indexOf(generic, numberOf, datapath);
  if (family === undefined || dpIfindex === undefined) return undefined;
  const body = ovsFlow.encode({
    cmd,
    version: OVS_VERSION,
    dpIfindex,
    ...(ufid === undefined ? {} : { ufid: bytesOf(ufid) }),
    key: bytesOf(key),
    ...(cmd === OVS_CMD.DEL
      ? {}
      : { ...(mask === undefined ? {} : { mask: bytesOf(mask) }), actions: bytesOf(actions) }),
  });
  return generic.request(family, cmd === OVS_CMD.NEW ? NLM_F.CREATE : 0, body);
}
