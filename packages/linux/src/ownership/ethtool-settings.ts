// Settings of devices that go over the ethtool family of generic netlink: what a request is about to change of a device that
// others own, how it is, and the request that sets back what was changed. Answers and requests of one kind have the same
// attributes, and the number of a kind's GET is one below that of its SET.

import { AttributeReader, AttributeWriter } from "@patchcord/core/netlink/attributes.ts";
import type { NetlinkClient } from "@patchcord/core/netlink/client.ts";
import { GENL_ID } from "@patchcord/core/netlink/generic/control.ts";
import { deviceOnly } from "@patchcord/core/netlink/generic/ethtool.ts";
import { ETHTOOL_FLAG, ETHTOOL_MSG } from "@patchcord/core/netlink/generic/ethtool-constants.ts";
import { decodeMessages } from "@patchcord/core/netlink/message.ts";
import { isMalformed } from "@patchcord/core/wire/malformed.ts";
import { familyNumber } from "../generic-family.ts";
import type { Devices } from "./scopes.ts";

export interface EthtoolScope {
  readonly kind: "ethtool";
  readonly index: number;
  /** ETHTOOL_MSG.*_SET */
  readonly set: number;
  /** Body of the request, base64. */
  readonly request: string;
}

export const ETHTOOL_FAMILY = "ethtool";
const FEATURES_WANTED = 3; // ETHTOOL_A_FEATURES_WANTED

interface Kind {
  readonly name: string;
  /** The attribute that is a bit set. */
  readonly bits?: number;
}

const KINDS: ReadonlyMap<number, Kind> = new Map([
  [ETHTOOL_MSG.LINKINFO_SET, { name: "link" }],
  [ETHTOOL_MSG.LINKMODES_SET, { name: "link modes", bits: 3 }],
  [ETHTOOL_MSG.DEBUG_SET, { name: "message level", bits: 2 }],
  [ETHTOOL_MSG.WOL_SET, { name: "wake-on-lan", bits: 2 }],
  [ETHTOOL_MSG.FEATURES_SET, { name: "features", bits: FEATURES_WANTED }],
  [ETHTOOL_MSG.PRIVFLAGS_SET, { name: "private flags", bits: 2 }],
  [ETHTOOL_MSG.RINGS_SET, { name: "rings" }],
  [ETHTOOL_MSG.CHANNELS_SET, { name: "channels" }],
  [ETHTOOL_MSG.COALESCE_SET, { name: "coalescing" }],
  [ETHTOOL_MSG.PAUSE_SET, { name: "pause" }],
  [ETHTOOL_MSG.EEE_SET, { name: "EEE", bits: 2 }],
  [ETHTOOL_MSG.FEC_SET, { name: "FEC", bits: 2 }],
  [ETHTOOL_MSG.MODULE_SET, { name: "module" }],
]);

const GENERIC_HEADER = 4; // struct genlmsghdr
const VERSION = 1;
const DEVICE = 1; // ETHTOOL_A_*_HEADER
/** ETHTOOL_A_BITSET_* */
const BITSET = { SIZE: 2, VALUE: 4, MASK: 5 } as const;

/** A device's features, whatever becomes of them: nobody looks on where it is moved to. */
export function allFeatures(index: number): EthtoolScope {
  const set = ETHTOOL_MSG.FEATURES_SET;
  const writer = new AttributeWriter();
  writer.flag(FEATURES_WANTED);
  const header = deviceOnly.encode({ cmd: set, version: VERSION, header: { devIndex: index } });
  const request = Buffer.concat([header, writer.finish()]).toString("base64");
  return { kind: "ethtool", index, set, request };
}

/** What the requests of a datagram may change of devices that are not the program's own. */
export function ethtoolScopes(
  datagram: Uint8Array,
  family: () => number | undefined,
  devices: Devices,
): EthtoolScope[] {
  return decodeMessages(datagram).messages.flatMap(({ type, body }): EthtoolScope[] => {
    const set = body[0] ?? 0;
    if (type === GENL_ID.CTRL || !KINDS.has(set) || type !== family()) return [];
    const decoded = deviceOnly.decode(body);
    if (isMalformed(decoded)) return [];
    const { devIndex, devName } = decoded.header ?? {};
    const index = devIndex ?? (devName === undefined ? 0 : (devices.indexOf(devName) ?? 0));
    if (index === 0 || devices.isOwn(index)) return [];
    return [{ kind: "ethtool", index, set, request: Buffer.from(body).toString("base64") }];
  });
}

/** The answer of the kernel to the kind's GET, or nothing if the device has none. */
export function lookEthtool(generic: NetlinkClient, { index, set }: EthtoolScope): Uint8Array[] {
  const family = familyNumber(generic, ETHTOOL_FAMILY);
  if (family === undefined) return [];
  const header = { devIndex: index, flags: ETHTOOL_FLAG.COMPACT_BITSETS };
  const result = generic.request(family, 0, deviceOnly.encode({ cmd: set - 1, version: VERSION, header }));
  const [answer] = result.ok ? result.messages : [];
  return answer === undefined ? [] : [answer.body];
}

/** The name of the device that an answer is about. */
export function deviceOf(answer: Uint8Array | undefined): string {
  const decoded = answer && deviceOnly.decode(answer);
  return decoded === undefined || isMalformed(decoded) ? "" : (decoded.header?.devName ?? "");
}

type Attributes = ReadonlyMap<number, Uint8Array>;

function attributesOf(body: Uint8Array | undefined, from: number): Attributes {
  const found = new Map<number, Uint8Array>();
  if (body === undefined) return found;
  const reader = new AttributeReader(body, from);
  while (reader.next()) found.set(reader.type, reader.bytes());
  return found;
}

/** Sets each bit that differs between two compact sets as it is in the first. */
function writeBits(writer: AttributeWriter, type: number, before: Uint8Array, after: Uint8Array): void {
  const [was, became] = [attributesOf(before, 0), attributesOf(after, 0)];
  const [value, other] = [was.get(BITSET.VALUE), became.get(BITSET.VALUE)];
  const size = was.get(BITSET.SIZE);
  if (value === undefined || other === undefined || size === undefined) return;
  const changed = value.map((byte, at) => byte ^ (other[at] ?? 0));
  writer.nestFlagged(type, () => {
    writer.bytes(BITSET.SIZE, size);
    writer.bytes(
      BITSET.VALUE,
      value.map((byte, at) => byte & (changed[at] ?? 0)),
    );
    writer.bytes(BITSET.MASK, changed);
  });
}

export interface EthtoolBack {
  readonly name: string;
  readonly family: number;
  readonly request: Uint8Array;
}

/** The request that sets back what the scope's request changed, if it is unchanged since. */
export function ethtoolBack(
  generic: NetlinkClient,
  { index, set, request }: EthtoolScope,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
  now: Uint8Array | undefined,
): EthtoolBack | undefined {
  const family = familyNumber(generic, ETHTOOL_FAMILY);
  const kind = KINDS.get(set);
  if (family === undefined || kind === undefined) return undefined;
  const [was, became, is] = [before, after, now].map((body) => attributesOf(body, GENERIC_HEADER)) as [
    Attributes,
    Attributes,
    Attributes,
  ];
  const empty = deviceOnly.encode({ cmd: set, version: VERSION, header: { devIndex: index } });
  const writer = new AttributeWriter();
  for (const type of attributesOf(Buffer.from(request, "base64"), GENERIC_HEADER).keys()) {
    const [value, reached, current] = [was.get(type), became.get(type), is.get(type)];
    if (type === DEVICE || value === undefined || reached === undefined || current === undefined) continue;
    if (Buffer.compare(value, reached) === 0 || Buffer.compare(reached, current) !== 0) continue;
    if (type === kind.bits) writeBits(writer, type, value, reached);
    else writer.bytes(type, value);
  }
  const settings = writer.finish();
  if (settings.length === 0) return undefined;
  return { name: kind.name, family, request: Buffer.concat([empty, settings]) };
}
