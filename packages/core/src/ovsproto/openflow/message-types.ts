/**
 * The kinds of OpenFlow messages, by their numbers in every version: Open vSwitch's names, and which lengths are possible.
 *
 * Columns: name; first and last version (1.x); the set of numbers it is in (`t` OFPT, `q` multipart request, `r` multipart
 * reply, each with `n` for Nicira's or `o` for the ONF's extension); number; bytes of body at least; what may be added to
 * that, in units of so many bytes (0: nothing).
 */
import { OpenflowError, Vendor } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import type { DecodeLog } from "./message-bytes.ts";

const TABLE = `
HELLO                  0-5 t  0    0   1
ERROR                  0-5 t  1    4   1
ECHO_REQUEST           0-5 t  2    0   1
ECHO_REPLY             0-5 t  3    0   1
FEATURES_REQUEST       0-5 t  5    0   0
FEATURES_REPLY         0-0 t  6    24  48
FEATURES_REPLY         1-2 t  6    24  64
FEATURES_REPLY         3-5 t  6    24  0
GET_CONFIG_REQUEST     0-5 t  7    0   0
GET_CONFIG_REPLY       0-5 t  8    4   0
SET_CONFIG             0-5 t  9    4   0
PACKET_IN              0-0 t  10   10  1
PACKET_IN              1-1 t  10   16  1
PACKET_IN              2-2 t  10   8   1
PACKET_IN              3-5 t  10   16  1
PACKET_IN              0-5 tn 17   24  1
PACKET_IN2             0-5 tn 30   0   8
FLOW_REMOVED           0-0 t  11   80  0
FLOW_REMOVED           1-4 t  11   40  8
FLOW_REMOVED           5-5 t  11   16  8
FLOW_REMOVED           0-5 tn 14   40  8
PORT_STATUS            0-0 t  12   56  0
PORT_STATUS            1-2 t  12   72  0
PORT_STATUS            3-3 t  12   72  0
PORT_STATUS            4-5 t  12   48  8
PACKET_OUT             0-0 t  13   8   1
PACKET_OUT             1-4 t  13   16  1
PACKET_OUT             5-5 t  13   8   1
FLOW_MOD               0-0 t  14   64  8
FLOW_MOD               1-5 t  14   40  8
FLOW_MOD               0-5 tn 13   32  8
GROUP_MOD              1-4 t  15   8   8
GROUP_MOD              5-5 t  15   16  8
GROUP_MOD              0-5 tn 31   16  8
PORT_MOD               0-0 t  15   24  0
PORT_MOD               1-3 t  16   32  0
PORT_MOD               4-5 t  16   24  8
TABLE_MOD              1-3 t  17   8   0
TABLE_MOD              4-5 t  17   8   8
BARRIER_REQUEST        0-0 t  18   0   0
BARRIER_REQUEST        1-5 t  20   0   0
BARRIER_REPLY          0-0 t  19   0   0
BARRIER_REPLY          1-5 t  21   0   0
QUEUE_GET_CONFIG_REQUEST 0-0 t 20  4   0
QUEUE_GET_CONFIG_REQUEST 1-3 t 22  8   0
QUEUE_GET_CONFIG_REPLY 0-0 t  21   8   8
QUEUE_GET_CONFIG_REPLY 1-3 t  23   8   8
ROLE_REQUEST           2-5 t  24   16  0
ROLE_REQUEST           0-5 tn 10   4   0
ROLE_REPLY             2-5 t  25   16  0
ROLE_REPLY             0-5 tn 11   4   0
GET_ASYNC_REQUEST      3-5 t  26   0   0
GET_ASYNC_REPLY        3-3 t  27   24  0
GET_ASYNC_REPLY        4-5 t  27   0   8
SET_ASYNC              3-3 t  28   24  0
SET_ASYNC              4-5 t  28   0   8
SET_ASYNC_CONFIG       0-5 tn 19   24  0
SET_ASYNC_CONFIG2      0-3 tn 27   0   8
METER_MOD              3-5 t  29   8   8
ROLE_STATUS            4-5 t  30   16  8
TABLE_STATUS           4-5 t  31   8   8
REQUESTFORWARD         4-5 t  32   8   8
BUNDLE_CONTROL         4-5 t  33   8   8
BUNDLE_CONTROL         3-3 to 2300 8   8
BUNDLE_ADD_MESSAGE     4-5 t  34   8   1
BUNDLE_ADD_MESSAGE     3-3 to 2301 8   1
DESC                   0-5 q  0    0   0
DESC                   0-5 r  0    1056 0
FLOW                   0-0 q  1    44  0
FLOW                   1-5 q  1    32  8
FLOW                   0-0 qn 0    8   8
FLOW                   0-5 r  1    0   1
FLOW                   0-0 rn 0    0   1
AGGREGATE              0-0 q  2    44  0
AGGREGATE              1-5 q  2    32  8
AGGREGATE              0-0 qn 1    8   8
AGGREGATE              0-4 r  2    24  0
AGGREGATE              5-5 r  2    0   8
AGGREGATE              0-0 rn 1    24  0
TABLE                  0-5 q  3    0   0
TABLE                  0-0 r  3    0   64
TABLE                  1-1 r  3    0   88
TABLE                  2-2 r  3    0   128
TABLE                  3-5 r  3    0   24
PORT                   0-0 q  4    8   0
PORT                   1-5 q  4    8   0
PORT                   0-0 r  4    0   104
PORT                   1-2 r  4    0   104
PORT                   3-3 r  4    0   112
PORT                   4-5 r  4    0   8
QUEUE                  0-0 q  5    8   0
QUEUE                  1-5 q  5    8   0
QUEUE                  0-0 r  5    0   32
QUEUE                  1-2 r  5    0   32
QUEUE                  3-3 r  5    0   40
QUEUE                  4-5 r  5    0   8
GROUP                  1-5 q  6    8   0
GROUP                  0-0 qn 7    8   0
GROUP                  1-5 r  6    0   8
GROUP                  0-0 rn 7    0   8
GROUP_DESC             1-4 q  7    0   0
GROUP_DESC             5-5 q  7    8   0
GROUP_DESC             0-0 qn 8    8   0
GROUP_DESC             1-5 r  7    0   8
GROUP_DESC             0-0 rn 8    0   8
GROUP_FEATURES         2-5 q  8    0   0
GROUP_FEATURES         0-1 qn 9    0   0
GROUP_FEATURES         2-5 r  8    40  0
GROUP_FEATURES         0-1 rn 9    40  0
METER                  3-5 q  9    8   0
METER                  3-5 r  9    0   8
METER_CONFIG           3-5 q  10   8   0
METER_CONFIG           3-5 r  10   0   8
METER_FEATURES         3-5 q  11   0   0
METER_FEATURES         3-5 r  11   16  0
TABLE_FEATURES         3-5 q  12   0   8
TABLE_FEATURES         3-5 r  12   64  8
PORT_DESC              0-4 q  13   0   0
PORT_DESC              5-5 q  13   8   0
PORT_DESC              0-0 r  13   0   48
PORT_DESC              1-3 r  13   0   64
PORT_DESC              4-5 r  13   0   8
TABLE_DESC             4-5 q  14   0   0
TABLE_DESC             4-5 r  14   8   8
QUEUE_DESC             4-5 q  15   8   0
QUEUE_DESC             4-5 r  15   0   8
FLOW_MONITOR           4-5 q  16   0   8
FLOW_MONITOR           0-2 qn 2    0   8
FLOW_MONITOR           3-3 qo 1870 0   8
FLOW_MONITOR           4-5 r  16   0   8
FLOW_MONITOR           0-2 rn 2    0   8
FLOW_MONITOR           3-3 ro 1870 0   8
SET_FLOW_FORMAT        0-0 tn 12   4   0
FLOW_MOD_TABLE_ID      0-5 tn 15   8   0
SET_PACKET_IN_FORMAT   0-5 tn 16   4   0
FLOW_AGE               0-5 tn 18   0   0
SET_CONTROLLER_ID      0-5 tn 20   8   0
FLOW_MONITOR_CANCEL    0-2 tn 21   4   0
FLOW_MONITOR_CANCEL    3-3 to 1870 4   0
FLOW_MONITOR_PAUSED    0-2 tn 22   0   0
FLOW_MONITOR_PAUSED    3-3 to 1871 0   0
FLOW_MONITOR_RESUMED   0-2 tn 23   0   0
FLOW_MONITOR_RESUMED   3-3 to 1872 0   0
TLV_TABLE_MOD          0-5 tn 24   8   8
TLV_TABLE_REQUEST      0-5 tn 25   0   0
TLV_TABLE_REPLY        0-5 tn 26   16  8
RESUME                 0-5 tn 28   0   8
CT_FLUSH_ZONE          0-5 tn 29   8   0
CT_FLUSH               0-5 tn 32   8   8
IPFIX_BRIDGE           0-5 qn 3    0   0
IPFIX_BRIDGE           0-5 rn 3    88  0
IPFIX_FLOW             0-5 qn 4    0   0
IPFIX_FLOW             0-5 rn 4    0   88
`;

/** Multipart requests and replies share names, so they are told apart. */
export type MessageKind = "message" | "request" | "reply";

export interface MessageType {
  /** As `FLOW_MOD`. */
  readonly name: string;
  readonly kind: MessageKind;
  /** 0 for the standard's. */
  readonly vendor: number;
  readonly number: number;
  readonly minimum: number;
  readonly unit: number;
}

const KINDS: Readonly<Record<string, MessageKind>> = { t: "message", q: "request", r: "reply" };
const byNumber = new Map<string, MessageType>();
const byName = new Map<string, MessageType>();

for (const line of TABLE.trim().split("\n")) {
  const [name = "", versions = "", set = "", number, minimum, unit] = line.split(/ +/);
  const kind = KINDS[set.charAt(0)] ?? "message";
  const vendor = set.endsWith("n") ? Vendor.NICIRA : set.endsWith("o") ? Vendor.ONF : Vendor.STANDARD;
  const type: MessageType = {
    name,
    kind,
    vendor,
    number: Number(number),
    minimum: Number(minimum),
    unit: Number(unit),
  };
  const [first = 0, last = 0] = versions.split("-").map(Number);
  for (let version = first + 1; version <= last + 1; version++) {
    byNumber.set(`${version}/${kind}/${vendor}/${number}`, type);
    const key = `${version}/${kind}/${name}`;
    // The standard's form comes first where there are two.
    if (!byName.has(key)) byName.set(key, type);
    byName.set(`${key}/${vendor}`, type);
  }
}

/** The kind that numbers in a message mean. */
export function messageTypeOf(
  version: number,
  kind: MessageKind,
  vendor: number,
  number: number,
): MessageType | undefined {
  return byNumber.get(`${version}/${kind}/${vendor}/${number}`);
}

/** The numbers of a kind in a version. @param vendor if a form of an organization's is wanted, or the standard's alone */
export function messageTypeNamed(
  version: OpenFlowVersion,
  kind: MessageKind,
  name: string,
  vendor?: number,
): MessageType | undefined {
  return byName.get(`${version}/${kind}/${name}${vendor === undefined ? "" : `/${vendor}`}`);
}

const MULTIPART10 = { request: 16, reply: 17 } as const;
const MULTIPART11 = { request: 18, reply: 19 } as const;
const OFPT_EXPERIMENTER = 4;
const STATS_EXPERIMENTER = 0xffff;

/** Type numbers of multipart messages. */
export function multipartNumber(version: number, kind: "request" | "reply"): number {
  return (version === 1 ? MULTIPART10 : MULTIPART11)[kind];
}

/** Bytes before the body. */
export function headerLength(version: number, { kind, vendor }: MessageType): number {
  if (kind === "message") return vendor === Vendor.STANDARD ? 8 : 16;
  if (vendor !== Vendor.STANDARD) return 24;
  return version === 1 ? 12 : 16;
}

/** What Open vSwitch calls it: `OFPT_FLOW_MOD`, `NXST_FLOW reply`. */
export function messageTypeName({ name, kind, vendor }: MessageType): string {
  const letters = vendor === Vendor.STANDARD ? "OFP" : vendor === Vendor.NICIRA ? "NX" : "ONF";
  if (kind === "message") return `${letters}T_${name}`;
  return `${letters}ST_${name} ${kind}`;
}

function read16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function read32(bytes: Uint8Array, at: number): number {
  return ((read16(bytes, at) << 16) | read16(bytes, at + 2)) >>> 0;
}

interface Identity {
  readonly kind: MessageKind;
  readonly vendor: number;
  readonly number: number;
  /** Bytes that it needs to be known. */
  readonly header: number;
}

function identityOf(bytes: Uint8Array, log?: DecodeLog): Identity {
  const version = bytes[0] ?? 0;
  const type = bytes[1] ?? 0;
  if (type === OFPT_EXPERIMENTER) {
    return { kind: "message", ...experimenterOf(bytes, 8, 12, log) };
  }
  for (const kind of ["request", "reply"] as const) {
    if (type !== multipartNumber(version, kind)) continue;
    const body = version === 1 ? 12 : 16;
    if (bytes.length < body) throw new OpenflowError("OFPBRC_BAD_LEN");
    const number = read16(bytes, 8);
    if (number !== STATS_EXPERIMENTER) return { kind, vendor: Vendor.STANDARD, number, header: body };
    return { kind, ...experimenterOf(bytes, body, body + 4, log) };
  }
  return { kind: "message", vendor: Vendor.STANDARD, number: type, header: 8 };
}

/** An organization's number and its own number for the message, at these offsets. */
function experimenterOf(
  bytes: Uint8Array,
  vendorAt: number,
  numberAt: number,
  log: DecodeLog | undefined,
): Omit<Identity, "kind"> {
  const header = vendorAt === 8 ? 16 : 24;
  if (bytes.length < header) throw new OpenflowError("OFPBRC_BAD_LEN");
  const vendor = read32(bytes, vendorAt);
  if (vendor !== Vendor.NICIRA && vendor !== Vendor.ONF) {
    const shown = vendor === 0 ? "0" : `0x${vendor.toString(16)}`;
    log?.("ofp_msgs", "WARN", `OpenFlow message has unknown vendor ${shown}`);
    throw new OpenflowError("OFPBRC_BAD_VENDOR");
  }
  return { vendor, number: read32(bytes, numberAt), header };
}

/** The kind of a message of which only the beginning is there; undefined if that does not tell. */
export function identifyPartial(bytes: Uint8Array, log?: DecodeLog): MessageType | undefined {
  try {
    return knownType(bytes, identityOf(bytes, log), log);
  } catch (error) {
    if (error instanceof OpenflowError) return undefined;
    throw error;
  }
}

/** @throws OpenflowError what is unknown */
function knownType(bytes: Uint8Array, identity: Identity, log: DecodeLog | undefined): MessageType {
  const { kind, vendor, number } = identity;
  const version = bytes[0] ?? 0;
  // Hello, error and echo have one form for all versions, also those to come.
  const eternal = number <= 3 && kind === "message" && vendor === Vendor.STANDARD && version > 0;
  const known = messageTypeOf(eternal ? 1 : version, kind, vendor, number);
  if (known) return known;
  log?.("ofp_msgs", "WARN", `unknown OpenFlow message (${numbersOf(bytes, identity)})`);
  if (vendor !== Vendor.STANDARD) throw new OpenflowError("OFPBRC_BAD_SUBTYPE");
  throw new OpenflowError(isMultipart(version, kind) ? "OFPBRC_BAD_STAT" : "OFPBRC_BAD_TYPE");
}

/**
 * The kind of a whole message.
 * @throws OpenflowError what is unknown, or of an impossible length
 */
export function identifyMessage(bytes: Uint8Array, log?: DecodeLog): MessageType {
  const known = knownType(bytes, identityOf(bytes, log), log);
  checkLength(known, bytes, log);
  return known;
}

/**
 * The kind of a multipart request of which this may be one part of several: a part may be without a body, whatever the kind.
 * @throws OpenflowError
 */
export function identifyPart(bytes: Uint8Array): { readonly kind: MessageType; readonly hasBody: boolean } {
  const kind = knownType(bytes, identityOf(bytes), undefined);
  const hasBody = bytes.length > headerLength(bytes[0] ?? 0, kind);
  if (hasBody) checkLength(kind, bytes, undefined);
  return { kind, hasBody };
}

/** @throws OpenflowError */
function checkLength(known: MessageType, bytes: Uint8Array, log: DecodeLog | undefined): void {
  const { minimum, unit } = known;
  const least = headerLength(bytes[0] ?? 0, known) + minimum;
  const extra = bytes.length - least;
  if (extra >= 0 && (unit === 0 ? extra === 0 : extra % unit === 0)) return;
  const multiple = `must be exactly ${least} bytes or longer by an integer multiple of ${unit} bytes`;
  const expected =
    unit === 0
      ? `expected length ${least}`
      : unit === 1
        ? `expected length at least ${least} bytes`
        : multiple;
  const what = messageTypeName(known);
  log?.("ofp_msgs", "WARN", `received ${what} with incorrect length ${bytes.length} (${expected})`);
  throw new OpenflowError("OFPBRC_BAD_LEN");
}

/** Versions that nobody knows have no multipart messages. */
const isMultipart = (version: number, kind: MessageKind): boolean =>
  kind !== "message" && version >= 1 && version <= 6;

/** The numbers by which a message would be known. */
function numbersOf(bytes: Uint8Array, { kind, vendor, number }: Identity): string {
  const version = bytes[0] ?? 0;
  let text = `version ${version}, type ${bytes[1] ?? 0}`;
  if (isMultipart(version, kind))
    text += `, stat ${vendor === Vendor.STANDARD ? number : STATS_EXPERIMENTER}`;
  if (vendor !== Vendor.STANDARD) text += `, vendor 0x${vendor.toString(16)}, subtype ${number}`;
  return text;
}
