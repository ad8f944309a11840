// Options of the VLANs of bridges and their ports (linux/if_bridge.h BRIDGE_VLANDB_*; net/bridge/br_vlan_options.c): each VLAN's
// as one list of attributes, without what only counts or follows, and the requests that set back what was changed of them.

import { AttributeReader, AttributeWriter } from "@patchcord/core/netlink/attributes.ts";
import type { NetlinkClient, NetlinkResult } from "@patchcord/core/netlink/client.ts";
import { readU16Host, readU32Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import {
  BRIDGE_VLAN_INFO,
  BRIDGE_VLANDB_DUMPF,
  encodeBridgeVlanRequest,
} from "@patchcord/core/netlink/rtnl/bridge-vlan.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";

/** Options of the VLANs of a port or bridge; `global`: those that a VLAN has for all of its bridge. */
export interface VlanOptionScope {
  readonly kind: "VLAN options";
  readonly index: number;
  readonly global: boolean;
}

const HEADER = 8; // struct br_vlan_msg
const NEST = { ENTRY: 1, GLOBAL_OPTIONS: 2 } as const;
/** BRIDGE_VLANDB_ENTRY_* and _GOPTS_* of what a list is for. */
const ENTRY = { INFO: 1, RANGE: 2, TUNNEL: 4 } as const;
const GLOBAL = { ID: 1, RANGE: 2 } as const;
const TUNNEL = { ID: 1, COMMAND: 2 } as const;
/** State, tunnel, router of multicast, most groups, neighbour suppression. */
const SETTABLE: ReadonlySet<number> = new Set([3, ENTRY.TUNNEL, 6, 8, 9]);
/** All but the querier's state and the ports with routers. */
const SETTABLE_GLOBAL: ReadonlySet<number> = new Set([3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 18]);

/** Options of one VLAN by their attributes. */
type Options = ReadonlyMap<number, Uint8Array>;

function attributesOf(bytes: Uint8Array, from = 0): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const reader = new AttributeReader(bytes, from);
  while (reader.next()) found.set(reader.type, reader.bytes());
  return found;
}

/** A VLAN's options as one list is kept: VID, then attributes. */
function record(vid: number, options: Options): Uint8Array {
  const writer = new AttributeWriter(4);
  writeU32Host(writer.buffer, 0, vid);
  for (const [type, payload] of options) writer.bytes(type, payload);
  return writer.finish();
}

const vidOfRecord = (bytes: Uint8Array): number => readU32Host(bytes, 0);

/** One message's VLANs; ranges are taken apart. */
function recordsOf(body: Uint8Array, global: boolean): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = new AttributeReader(body, HEADER);
  const settable = global ? SETTABLE_GLOBAL : SETTABLE;
  while (reader.next()) {
    if (reader.type !== (global ? NEST.GLOBAL_OPTIONS : NEST.ENTRY)) continue;
    const all = attributesOf(reader.bytes());
    const named = all.get(global ? GLOBAL.ID : ENTRY.INFO);
    if (named === undefined) continue;
    const first = readU16Host(named, global ? 0 : 2);
    const range = all.get(global ? GLOBAL.RANGE : ENTRY.RANGE);
    const last = range === undefined ? first : readU16Host(range, 0);
    for (let vid = first; vid <= last; vid++)
      found.push(
        record(vid, new Map([...all].filter(([type]) => settable.has(type)).map(shifted(vid - first)))),
      );
  }
  return found;
}

/** The tunnels of a range have numbers one after the other. */
function shifted(by: number): (option: [number, Uint8Array]) => [number, Uint8Array] {
  return ([type, payload]) => {
    const id = type === ENTRY.TUNNEL ? attributesOf(payload).get(TUNNEL.ID) : undefined;
    if (by === 0 || id === undefined) return [type, payload];
    const writer = new AttributeWriter();
    writer.u32(TUNNEL.ID, readU32Host(id, 0) + by);
    return [type, writer.finish()];
  };
}

export function lookVlanOptions(client: NetlinkClient, { index, global }: VlanOptionScope): Uint8Array[] {
  const dumpFlags = global ? BRIDGE_VLANDB_DUMPF.GLOBAL : 0;
  const request = encodeBridgeVlanRequest({ family: AF.BRIDGE, index, ...(global ? { dumpFlags } : {}) });
  const result = client.dump(RTM.GETVLAN, request);
  if (!result.ok) return [];
  return result.messages.flatMap(({ body }) =>
    body.length >= HEADER && readU32Host(body, 4) === index ? recordsOf(body, global) : [],
  );
}

/** What was changed of one VLAN's options, each as it was; a length of zero: there was none. */
function changedOptions(was: Options, became: Options | undefined, now: Options): Map<number, Uint8Array> {
  const same = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
    Buffer.compare(one ?? new Uint8Array(0), other ?? new Uint8Array(0)) === 0;
  const changed = new Map<number, Uint8Array>();
  for (const type of new Set([...was.keys(), ...now.keys()])) {
    const [before, current] = [was.get(type), now.get(type)];
    if (same(before, current)) continue;
    // A VLAN that was taken away and is there again has the options of a new one, and nobody's.
    const touched =
      became === undefined || (!same(before, became.get(type)) && same(became.get(type), current));
    if (touched) changed.set(type, before ?? new Uint8Array(0));
  }
  return changed;
}

/** RTM_NEWVLAN with one option. */
function optionRequest(
  { index, global }: VlanOptionScope,
  vid: number,
  write: (w: AttributeWriter) => void,
): Uint8Array {
  const writer = new AttributeWriter(HEADER);
  writer.buffer[0] = AF.BRIDGE;
  writeU32Host(writer.buffer, 4, index);
  writer.nestFlagged(global ? NEST.GLOBAL_OPTIONS : NEST.ENTRY, () => {
    if (global) writer.u16(GLOBAL.ID, vid);
    else {
      // struct bridge_vlan_info
      writer.attribute(ENTRY.INFO, () => {
        writer.appendU16(BRIDGE_VLAN_INFO.ONLY_OPTS);
        writer.appendU16(vid);
      });
    }
    write(writer);
  });
  return writer.finish();
}

/** Requests that set one option; a tunnel has to be taken away before there can be another one. */
function requestsFor(
  scope: VlanOptionScope,
  vid: number,
  type: number,
  was: Uint8Array,
  hasTunnel: boolean,
): Uint8Array[] {
  if (scope.global || type !== ENTRY.TUNNEL)
    return was.length === 0 ? [] : [optionRequest(scope, vid, (writer) => writer.bytes(type, was))];
  const tunnel = (command: number, id?: Uint8Array): Uint8Array =>
    optionRequest(scope, vid, (writer) =>
      writer.nestFlagged(ENTRY.TUNNEL, () => {
        if (id !== undefined) writer.bytes(TUNNEL.ID, id);
        writer.u32(TUNNEL.COMMAND, command);
      }),
    );
  const id = attributesOf(was).get(TUNNEL.ID);
  return [
    ...(hasTunnel ? [tunnel(RTM.DELLINK)] : []),
    ...(id === undefined ? [] : [tunnel(RTM.SETLINK, id)]),
  ];
}

export interface VlanOptionsBack {
  readonly vid: number;
  readonly ask: () => NetlinkResult;
}

/** What sets back the options that were changed between two looks and are unchanged since. `after`: undefined if it is not known. */
export function vlanOptionsBack(
  client: NetlinkClient,
  scope: VlanOptionScope,
  before: readonly Uint8Array[],
  after: readonly Uint8Array[] | undefined,
): VlanOptionsBack[] {
  const byVid = (list: readonly Uint8Array[]): ReadonlyMap<number, Options> =>
    new Map(list.map((bytes) => [vidOfRecord(bytes), attributesOf(bytes, 4)]));
  const now = byVid(lookVlanOptions(client, scope));
  const became = after === undefined ? now : byVid(after);
  return [...byVid(before)].flatMap(([vid, was]) => {
    const current = now.get(vid);
    if (current === undefined) return [];
    const hasTunnel = current.has(ENTRY.TUNNEL);
    const requests = [...changedOptions(was, became.get(vid), current)].flatMap(([type, old]) =>
      requestsFor(scope, vid, type, old, hasTunnel),
    );
    if (requests.length === 0) return [];
    const ask = (): NetlinkResult => {
      const results = requests.map((body) => client.request(RTM.NEWVLAN, 0, body));
      const [first] = results;
      if (first === undefined) throw new Error("there is a request");
      return results.find((each) => !each.ok) ?? first;
    };
    return [{ vid, ask }];
  });
}
