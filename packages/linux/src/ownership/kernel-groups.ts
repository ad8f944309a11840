// Entries of a bridge's multicast database (linux/if_bridge.h MDBA_*, MDBE_*), each as the body of the request that adds it:
// what follows from queries and reports is left out, so that two looks at the same entry are equal.

import { AttributeReader, AttributeWriter } from "@patchcord/core/netlink/attributes.ts";
import type { NetlinkClient, NetlinkResult } from "@patchcord/core/netlink/client.ts";
import { NLM_F } from "@patchcord/core/netlink/message.ts";
import {
  decodeMdb,
  decodeMdbRequest,
  encodeMdbRequest,
  MDB_STATE,
} from "@patchcord/core/netlink/rtnl/mdb.ts";
import type { MdbEntry, MdbMessage } from "@patchcord/core/netlink/rtnl/mdb.ts";
import { RTPROT } from "@patchcord/core/netlink/rtnl/route-constants.ts";
import { AF, RTM } from "@patchcord/core/netlink/rtnl/types.ts";
import { EtherType } from "@patchcord/core/wire/ethernet.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { addressText } from "./kernel-entries.ts";

/** Entries of a bridge: one, or all of a port. */
export interface GroupScope {
  readonly kind: "group";
  readonly bridge: number;
  /** As `groupKey` tells it. */
  readonly key?: string;
  readonly port?: number;
}

const HEADER = 8; // struct br_port_msg
/** MDBE_ATTR_* and, within a list, MDBE_SRC_LIST_ENTRY and MDBE_SRCATTR_ADDRESS. */
const MDBE = { SOURCE: 1, SOURCES: 2, MODE: 3, PROTOCOL: 4 } as const;
const SOURCE_ENTRY = 1;
const SOURCE_ADDRESS = 1;
const INCLUDE = 1;

type GroupEntry = NonNullable<
  NonNullable<NonNullable<MdbMessage["mdb"]>["groups"]>[number]["entries"]
>[number];

/** What a bridge does not get by itself. Kernels before 6.2 know none of it but the source. */
function attributesFor({ source, groupMode, sourceList, rtprot }: GroupEntry["attributes"]): Uint8Array {
  const writer = new AttributeWriter();
  if (source !== undefined) writer.bytes(MDBE.SOURCE, source);
  const sources = (sourceList?.entries ?? []).flatMap(({ address }) => address ?? []);
  if (source === undefined && (groupMode === INCLUDE || sources.length > 0)) {
    writer.u8(MDBE.MODE, groupMode ?? 0);
    writer.nestFlagged(MDBE.SOURCES, () => {
      for (const address of sources)
        writer.nestFlagged(SOURCE_ENTRY, () => writer.bytes(SOURCE_ADDRESS, address));
    });
  }
  const given = rtprot !== undefined && rtprot !== RTPROT.STATIC && rtprot !== RTPROT.KERNEL;
  if (given) writer.u8(MDBE.PROTOCOL, rtprot);
  return writer.finish();
}

function requestFor(bridge: number, { attributes, ...entry }: GroupEntry): Uint8Array {
  const more = attributesFor(attributes);
  return encodeMdbRequest({
    family: AF.BRIDGE,
    ifindex: bridge,
    entry: { ...entry, flags: 0 },
    ...(more.length === 0 ? {} : { entryAttributes: more }),
  });
}

function entryOf(request: Uint8Array): { readonly entry: MdbEntry; readonly source: string } | undefined {
  const decoded = decodeMdbRequest(request);
  if (isMalformed(decoded) || decoded.entry === undefined) return undefined;
  const { entry, entryAttributes = new Uint8Array(0) } = decoded;
  return { entry, source: hex(sourceOf(entryAttributes)) };
}

function sourceOf(attributes: Uint8Array): Uint8Array | undefined {
  const reader = new AttributeReader(attributes);
  while (reader.next()) if (reader.type === MDBE.SOURCE) return reader.bytes();
  return undefined;
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

/** Which entry a request adds or removes: port, group, VLAN and source. */
export function groupKey(request: Uint8Array): string {
  const found = entryOf(request);
  if (found === undefined) return "";
  const { ifindex, vid, proto, address } = found.entry;
  return [ifindex, vid, proto, hex(address), found.source].join(" ");
}

/** Whether a bridge forgets it: after its time, or with its port's carrier, which it notices later. */
export function isTemporaryGroup(request: Uint8Array): boolean {
  return entryOf(request)?.entry.state === MDB_STATE.TEMPORARY;
}

const LENGTHS: ReadonlyMap<number, number> = new Map([
  [EtherType.IPV4, 4],
  [EtherType.IPV6, 16],
]);

/** "multicast group 239.1.1.1" */
export function groupName(request: Uint8Array): string {
  const entry = entryOf(request)?.entry;
  const address = entry?.address.subarray(0, LENGTHS.get(entry.proto) ?? 6) ?? new Uint8Array(0);
  return `multicast group ${addressText(address)}`;
}

/** The scope of a request; undefined if it names no entry. */
export function groupScope(
  request: Uint8Array,
): { readonly scope: GroupScope; readonly port: number } | undefined {
  const decoded = decodeMdbRequest(request);
  if (isMalformed(decoded) || decoded.entry === undefined) return undefined;
  const scope: GroupScope = { kind: "group", bridge: decoded.ifindex, key: groupKey(request) };
  return { scope, port: decoded.entry.ifindex };
}

export function listGroups(client: NetlinkClient, { bridge, key, port }: GroupScope): Uint8Array[] {
  const wanted = new Uint8Array(HEADER);
  wanted[0] = AF.BRIDGE;
  const result = client.dump(RTM.GETMDB, wanted);
  if (!result.ok) return [];
  return result.messages.flatMap(({ body }) => {
    const decoded = decodeMdb(body);
    if (isMalformed(decoded) || decoded.ifindex !== bridge) return [];
    return (decoded.mdb?.groups ?? [])
      .flatMap(({ entries = [] }) => entries)
      .filter(({ ifindex }) => port === undefined || ifindex === port)
      .map((entry) => requestFor(bridge, entry))
      .filter((request) => key === undefined || groupKey(request) === key);
  });
}

export function addGroup(client: NetlinkClient, request: Uint8Array): NetlinkResult {
  return client.request(RTM.NEWMDB, NLM_F.CREATE, request);
}

export function removeGroup(client: NetlinkClient, request: Uint8Array): NetlinkResult {
  const decoded = decodeMdbRequest(request);
  if (isMalformed(decoded)) throw new Error("a request of our own is malformed");
  const source = sourceOf(decoded.entryAttributes ?? new Uint8Array(0));
  const { entryAttributes: _, ...rest } = decoded;
  if (source === undefined) return client.request(RTM.DELMDB, 0, encodeMdbRequest(rest));
  const writer = new AttributeWriter();
  writer.bytes(MDBE.SOURCE, source);
  return client.request(RTM.DELMDB, 0, encodeMdbRequest({ ...rest, entryAttributes: writer.finish() }));
}
