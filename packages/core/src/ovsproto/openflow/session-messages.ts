/** Messages about the connection and the switch as a whole: features, configuration, roles, asynchronous messages, bundles. */
import { OpenflowError } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { MessageReader } from "./message-bytes.ts";
import { identifyMessage, messageTypeName } from "./message-types.ts";
import type { MessageType } from "./message-types.ts";
import type { MessageWriter } from "./message-bytes.ts";
import { readPhyPort, writePhyPort } from "./port-messages.ts";
import type { PhyPort } from "./port-messages.ts";
import { propertyU32, readProperty, writeProperty } from "./properties.ts";

/** Bit N: version N. */
export type VersionBitmap = number;

export interface Hello {
  readonly type: "hello";
  readonly versions: VersionBitmap;
  /** Something could not be understood. */
  readonly odd: boolean;
}

export function readHello(from: MessageReader, version: number): Hello {
  // Without a list, all versions up to the header's.
  let versions = 2 ** (Math.min(version, 31) + 1) - 2;
  let odd = false;
  while (from.left > 0) {
    if (from.left < 4) {
      odd = true;
      break;
    }
    const type = from.peekU16(0);
    const length = from.peekU16(2);
    if (length < 4 || length > from.left) {
      odd = true;
      break;
    }
    const padded = Math.ceil(length / 8) * 8;
    if (padded > from.left) {
      odd = true;
      break;
    }
    const body = new MessageReader(from.take(padded).subarray(4, length));
    if (type !== 1) odd = true;
    else if (body.left >= 4) {
      const bitmap = body.u32();
      if ((bitmap & 1) !== 0)
        from.log?.("ofp_util", "WARN", "peer claims to support invalid OpenFlow version 0x00");
      if ((bitmap & ~1) !== 0) versions = bitmap & ~1;
      else {
        from.log?.("ofp_util", "WARN", "peer does not support any OpenFlow version (between 0x01 and 0x1f)");
        odd = true;
      }
    } else odd = true;
  }
  return { type: "hello", versions: versions >>> 0, odd };
}

/** Highest version of a set. */
/** As `version 0x04`, `version 0x06 and earlier`, `versions 0x01, 0x04`. @param versions bit N: version N */
export function versionsText(versions: number): string {
  const list: number[] = [];
  for (let version = 1; version < 32; version++) if (((versions >>> version) & 1) !== 0) list.push(version);
  const highest = list.at(-1) ?? 0;
  const named = list.map((version) => `0x${version.toString(16).padStart(2, "0")}`);
  if (list.length === 1) return `version ${named.join("")}`;
  return list.length === highest
    ? `version ${named.at(-1) ?? "0x00"} and earlier`
    : `versions ${named.join(", ")}`;
}

export function highestVersion(versions: VersionBitmap): number {
  return 31 - Math.clz32(versions);
}

export function writeHello(out: MessageWriter, { versions }: Pick<Hello, "versions">): void {
  const span = (versions >>> 1) + 1;
  // All versions up to the header's need no list.
  if ((span & (span - 1)) !== 0) out.u16(1).u16(8).u32(versions);
}

/** OFPC_* capabilities by Open vSwitch's names, with the versions that have them. */
export const CAPABILITIES: readonly (readonly [bit: number, name: string, first: number, last: number])[] = [
  [1 << 0, "FLOW_STATS", 1, 6],
  [1 << 1, "TABLE_STATS", 1, 6],
  [1 << 2, "PORT_STATS", 1, 6],
  [1 << 3, "STP", 1, 1],
  [1 << 3, "GROUP_STATS", 2, 6],
  [1 << 5, "IP_REASM", 1, 6],
  [1 << 6, "QUEUE_STATS", 1, 6],
  [1 << 7, "ARP_MATCH_IP", 1, 2],
  [1 << 8, "PORT_BLOCKED", 3, 6],
  [1 << 9, "BUNDLES", 5, 6],
  [1 << 10, "FLOW_MONITORING", 5, 6],
];

export interface Features {
  readonly type: "features_reply";
  readonly datapath: bigint;
  readonly buffers: number;
  readonly tables: number;
  readonly auxiliary: number;
  /** In the version's own bits. */
  readonly capabilities: number;
  /** OpenFlow 1.0: bit N is action type N. */
  readonly actions: number;
  /** Up to OpenFlow 1.2. */
  readonly ports: readonly PhyPort[];
}

export function readFeatures(
  from: MessageReader,
  version: OpenFlowVersion,
  listOf: (read: () => PhyPort) => PhyPort[],
): Features {
  const datapath = from.u64();
  const buffers = from.u32();
  const tables = from.u8();
  const auxiliary = from.u8();
  from.skip(2);
  const capabilities = from.u32();
  const actions = from.u32();
  const ports = listOf(() => readPhyPort(from, version));
  return {
    type: "features_reply",
    datapath,
    buffers,
    tables,
    auxiliary: version >= 4 ? auxiliary : 0,
    capabilities,
    actions: version === 1 ? actions : 0,
    ports,
  };
}

export function writeFeatures(out: MessageWriter, features: Features, version: OpenFlowVersion): void {
  out.u64(features.datapath).u32(features.buffers).u8(features.tables).u8(features.auxiliary).zeros(2);
  out.u32(features.capabilities).u32(version === 1 ? features.actions : 0);
  if (version <= 3) for (const port of features.ports) writePhyPort(out, port, version);
}

/** OFPC_FRAG_*, with Open vSwitch's fourth. */
export const FRAGMENT_MODES = ["normal", "drop", "reassemble", "nx-match"] as const;

export interface SwitchConfig {
  readonly type: "get_config_reply" | "set_config";
  /** Index in FRAGMENT_MODES. */
  readonly fragments: number;
  /** Up to OpenFlow 1.2; undefined in later ones. */
  readonly invalidTtlToController: boolean | undefined;
  readonly missSendLength: number;
}

const INVALID_TTL = 4;

export function readConfig(
  from: MessageReader,
  version: OpenFlowVersion,
  type: SwitchConfig["type"],
): SwitchConfig {
  const flags = from.u16();
  const hasTtl = version <= 3;
  const allowed = 3 | (hasTtl ? INVALID_TTL : 0);
  if (type === "set_config" && (flags & ~allowed) !== 0) throw new OpenflowError("OFPSCFC_BAD_FLAGS");
  return {
    type,
    fragments: flags & 3,
    invalidTtlToController: hasTtl ? (flags & INVALID_TTL) !== 0 : undefined,
    missSendLength: from.u16(),
  };
}

export function writeConfig(out: MessageWriter, config: SwitchConfig): void {
  out
    .u16(config.fragments | (config.invalidTtlToController === true ? INVALID_TTL : 0))
    .u16(config.missSendLength);
}

/** OFPCR12_ROLE_*. */
export const ROLES = ["nochange", "equal", "master", "slave"] as const;
/** What Open vSwitch prints for them since it changed the terms. */
export const ROLE_WORDS = ["nochange", "equal", "primary", "secondary"] as const;

export interface Role {
  readonly type: "role_request" | "role_reply";
  readonly form: "standard" | "nxt";
  /** Index in ROLES. */
  readonly role: number;
  /** All ones without one. */
  readonly generation: bigint | undefined;
}

export function readRole(from: MessageReader, type: Role["type"], nicira: boolean): Role {
  const bad = () => new OpenflowError("OFPRRFC_BAD_ROLE");
  if (nicira) {
    const role = from.u32();
    // NX_ROLE_OTHER, MASTER, SLAVE
    if (role > 2) throw bad();
    return { type, form: "nxt", role: role + 1, generation: undefined };
  }
  const role = from.u32();
  from.skip(4);
  const generation = from.u64();
  if (role > 3) throw bad();
  const given = role !== 0 || type === "role_reply" ? generation : undefined;
  return { type, form: "standard", role, generation: given };
}

/** Of a switch that has not been told one. */
const NO_GENERATION = 0xffff_ffff_ffff_ffffn;

export function writeRole(out: MessageWriter, { form, role, generation }: Role): void {
  if (form === "nxt") out.u32(role - 1);
  else
    out
      .u32(role)
      .zeros(4)
      .u64(generation ?? NO_GENERATION);
}

export interface RoleStatus {
  readonly type: "role_status";
  readonly role: number;
  readonly reason: number;
  readonly generation: bigint;
}

/** Kinds of asynchronous messages, in the order of the properties of OpenFlow 1.4. */
export const ASYNC_KINDS = [
  "PACKET_IN",
  "PORT_STATUS",
  "FLOW_REMOVED",
  "ROLE_STATUS",
  "TABLE_STATUS",
  "REQUESTFORWARD",
] as const;

/** Reasons that a kind can have, by version; the first three kinds have had some since OpenFlow 1.0. */
export function allowedReasons(kind: number, version: OpenFlowVersion): number {
  switch (ASYNC_KINDS[kind]) {
    case "PACKET_IN":
      return version >= 5 ? 0x3f : 7;
    case "FLOW_REMOVED":
      return 0x3f;
    case "TABLE_STATUS":
      return 0x18;
    case "REQUESTFORWARD":
      return 3;
    default:
      return 7;
  }
}

/** For each kind, a set of reasons for masters and one for slaves; undefined for what the message does not speak of. */
export interface AsyncConfig {
  readonly type: "set_async" | "get_async_reply";
  readonly form: "standard" | "nxt" | "nxt2";
  readonly master: readonly (number | undefined)[];
  readonly slave: readonly (number | undefined)[];
}

export function readAsync(
  from: MessageReader,
  version: OpenFlowVersion,
  type: AsyncConfig["type"],
  form: AsyncConfig["form"],
): AsyncConfig {
  const master: (number | undefined)[] = ASYNC_KINDS.map(() => undefined);
  const slave = [...master];
  if (form === "nxt" || (form === "standard" && version === 4)) {
    for (let kind = 0; kind < 3; kind++) {
      const allowed = allowedReasons(kind, version);
      master[kind] = from.u32() & allowed;
      slave[kind] = from.u32() & allowed;
    }
    return { type, form, master, slave };
  }
  while (from.left > 0) {
    const property = readProperty(from);
    const kind = property.type >>> 1;
    const { experimenter } = property;
    if (experimenter !== 0 || kind >= ASYNC_KINDS.length) {
      if (type === "get_async_reply") continue;
      const what = "unknown async config property type";
      const experimenters = `for exp_id 0x${experimenter.toString(16).padStart(8, "0")}, exp_type`;
      const whose = experimenter === 0 ? "" : ` ${experimenters}`;
      from.log?.("ofp_connection", "WARN", `${what}${whose} ${property.type | 0}`);
      if (experimenter === 0) throw new OpenflowError("OFPACFC_UNSUPPORTED");
      throw new OpenflowError("OFPBPC_BAD_EXP_TYPE");
    }
    const bits = propertyU32(property);
    const allowed = allowedReasons(kind, version);
    if (type === "set_async" && (bits & ~allowed) !== 0) {
      const what = `bad value 0x${bits.toString(16)} for ${ASYNC_KINDS[kind] ?? ""}`;
      from.log?.("ofp_connection", "WARN", `${what} (allowed mask 0x${allowed.toString(16)})`);
      throw new OpenflowError("OFPACFC_INVALID");
    }
    // Even numbers are for slaves, odd ones for masters.
    ((property.type & 1) === 0 ? slave : master)[kind] = bits & allowed;
  }
  return { type, form, master, slave };
}

export function writeAsync(
  out: MessageWriter,
  { form, master, slave }: AsyncConfig,
  version: OpenFlowVersion,
): void {
  if (form === "nxt" || (form === "standard" && version === 4)) {
    for (let kind = 0; kind < 3; kind++) out.u32(master[kind] ?? 0).u32(slave[kind] ?? 0);
    return;
  }
  for (let kind = 0; kind < ASYNC_KINDS.length; kind++) {
    writeProperty(out, 2 * kind, (body) => body.u32(slave[kind] ?? 0));
    writeProperty(out, 2 * kind + 1, (body) => body.u32(master[kind] ?? 0));
  }
}

export const BUNDLE_CONTROLS = [
  "OPEN_REQUEST",
  "OPEN_REPLY",
  "CLOSE_REQUEST",
  "CLOSE_REPLY",
  "COMMIT_REQUEST",
  "COMMIT_REPLY",
  "DISCARD_REQUEST",
  "DISCARD_REPLY",
] as const;

export const BundleFlag = { ATOMIC: 1, ORDERED: 2 } as const;

export interface BundleControl {
  readonly type: "bundle_control";
  readonly bundle: number;
  /** Index in BUNDLE_CONTROLS. */
  readonly control: number;
  readonly flags: number;
}

export interface BundleAdd {
  readonly type: "bundle_add";
  readonly bundle: number;
  readonly flags: number;
  /** A whole message. */
  readonly message: Uint8Array;
}

/** Messages that may be in a bundle. */
const BUNDLED: ReadonlySet<string> = new Set(["PACKET_OUT", "FLOW_MOD", "GROUP_MOD", "PORT_MOD"]);

/** Errors: OpenflowError OFPBFC_MSG_UNSUP of what cannot be told by its header and length. */
function innerKind(inner: Uint8Array, log: MessageReader["log"]): MessageType {
  try {
    return identifyMessage(inner, log);
  } catch (error) {
    if (!(error instanceof OpenflowError)) throw error;
    log?.("ofp_bundle", "WARN", `OFPT14_BUNDLE_ADD_MESSAGE contained message is unparsable (${error.name})`);
    throw new OpenflowError("OFPBFC_MSG_UNSUP");
  }
}

export function readBundleAdd(from: MessageReader, version: OpenFlowVersion, xid: number): BundleAdd {
  const bundle = from.u32();
  from.skip(2);
  const flags = from.u16();
  const message = from.rest().slice();
  if (message.length < 8) throw new OpenflowError("OFPBFC_MSG_BAD_LEN");
  if (message[0] !== version) throw new OpenflowError("OFPBFC_BAD_VERSION");
  const length = ((message[2] ?? 0) << 8) | (message[3] ?? 0);
  if (length > message.length || length < 8) throw new OpenflowError("OFPBFC_MSG_BAD_LEN");
  if (new MessageReader(message.subarray(4, 8)).u32() !== xid) throw new OpenflowError("OFPBFC_MSG_BAD_XID");
  const inner = message.slice(0, length);
  const kind = innerKind(inner, from.log);
  if (!BUNDLED.has(kind.name)) {
    const name = messageTypeName(kind);
    from.log?.("ofp_bundle", "WARN", `${name} message not allowed inside OFPT14_BUNDLE_ADD_MESSAGE`);
    throw new OpenflowError("OFPBFC_MSG_UNSUP");
  }
  return { type: "bundle_add", bundle, flags, message: inner };
}

/** A description of the switch (OFPST_DESC). */
export interface SwitchDescription {
  readonly manufacturer: string;
  readonly hardware: string;
  readonly software: string;
  readonly serial: string;
  readonly datapath: string;
}

export function readDescription(from: MessageReader): SwitchDescription {
  return {
    manufacturer: from.text(256),
    hardware: from.text(256),
    software: from.text(256),
    serial: from.text(32),
    datapath: from.text(256),
  };
}

export function writeDescription(out: MessageWriter, text: SwitchDescription): void {
  out.text(text.manufacturer, 256).text(text.hardware, 256).text(text.software, 256);
  out.text(text.serial, 32).text(text.datapath, 256);
}

/** Geneve options in tun_metadataN (NXT_TLV_TABLE_*). */
export interface TlvMapping {
  readonly optionClass: number;
  readonly optionType: number;
  readonly length: number;
  readonly index: number;
}

export function readTlvMappings(from: MessageReader, limit: number): TlvMapping[] {
  const mappings: TlvMapping[] = [];
  while (from.left > 0) {
    const mapping = { optionClass: from.u16(), optionType: from.u8(), length: from.u8(), index: from.u16() };
    from.skip(2);
    const refuse = (text: string, error: string): never => {
      from.log?.("ofp_match", "WARN", `tlv table ${text}`);
      throw new OpenflowError(error);
    };
    if (mapping.length % 4 !== 0 || mapping.length > 124)
      refuse(`option length (${mapping.length}) is not a valid option size`, "NXTTMFC_BAD_OPT_LEN");
    if (mapping.index >= limit)
      refuse(`field index (${mapping.index}) is too large (max ${limit - 1})`, "NXTTMFC_BAD_FIELD_IDX");
    mappings.push(mapping);
  }
  return mappings;
}

export function writeTlvMappings(out: MessageWriter, mappings: readonly TlvMapping[]): void {
  for (const { optionClass, optionType, length, index } of mappings) {
    out.u16(optionClass).u8(optionType).u8(length).u16(index).zeros(2);
  }
}
