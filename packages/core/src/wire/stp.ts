/**
 * Bridge protocol data units: spanning tree configuration and topology change notification (IEEE 802.1D-1998, 9), and
 * rapid spanning tree (IEEE 802.1D-2004, 9). They travel in LLC frames with both SAPs 0x42. MSTP BPDUs decode as rapid
 * ones, which their first 36 bytes are; what follows is kept.
 *
 * An identifier is a number of 64 bits, too large for a double: bridge ids are records of priority and MAC here.
 */
import { copyBytes, readU16BE, readU32BE, readU48BE, readU8 } from "./bytes.ts";
import { writeU16BE, writeU32BE, writeU48BE, writeU8 } from "./bytes.ts";
import type { MacAddress } from "./mac.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of the BPDUs. */
export const STP_TCN_LENGTH = 4;
export const STP_CONFIG_LENGTH = 35;
export const RSTP_LENGTH = 36;

/** BPDU type field. */
const TYPE_CONFIG = 0x00;
const TYPE_RAPID = 0x02;
const TYPE_TCN = 0x80;

/** Flags (IEEE 802.1D-2004, 9.3.3). */
const TOPOLOGY_CHANGE = 0x01;
const PROPOSAL = 0x02;
const LEARNING = 0x10;
const FORWARDING = 0x20;
const AGREEMENT = 0x40;
const TOPOLOGY_CHANGE_ACK = 0x80;

/** Times are on the wire in units of 1/256 s (IEEE 802.1D-2004, 9.2.8). */
export const STP_TIME_UNITS_PER_SECOND = 256;

/** A bridge's identity in the election: lower priority first, then lower MAC. */
export interface BridgeId {
  /** 16 bits: with the system id extension, a multiple of 4096 plus the extension. */
  readonly priority: number;
  readonly mac: MacAddress;
}

/** Negative, zero or positive as `a` is better than, equal to or worse than `b` (lower is better). */
export function compareBridgeIds(a: BridgeId, b: BridgeId): number {
  if (a === b) return 0; // ports mostly hold the very object that their bridge has
  return a.priority - b.priority || a.mac - b.mac;
}

/** Role of the sending port (IEEE 802.1D-2004, 9.3.3); `unknown` is also what an alternate port of MSTP's past sends. */
export type RstpPortRole = "unknown" | "alternate" | "root" | "designated";

const PORT_ROLES: readonly RstpPortRole[] = ["unknown", "alternate", "root", "designated"];

/** What configuration and rapid BPDUs have in common. */
export interface StpParameters {
  readonly topologyChange: boolean;
  readonly root: BridgeId;
  readonly rootPathCost: number;
  readonly bridge: BridgeId;
  /** Port priority and number of the sending port. */
  readonly portId: number;
  /** Times in units of 1/256 s. */
  readonly messageAge: number;
  readonly maxAge: number;
  readonly helloTime: number;
  readonly forwardDelay: number;
}

export interface StpConfig extends StpParameters {
  readonly kind: "config";
  readonly topologyChangeAck: boolean;
}

export interface RstpBpdu extends StpParameters {
  readonly kind: "rapid";
  /** 2 for RSTP, 3 for MSTP. */
  readonly version: number;
  readonly proposal: boolean;
  readonly portRole: RstpPortRole;
  readonly learning: boolean;
  readonly forwarding: boolean;
  readonly agreement: boolean;
  /** What follows the version 1 length: the MSTP part, a view into the decoded buffer. */
  readonly extension: Uint8Array;
}

export type Bpdu = { readonly kind: "tcn" } | StpConfig | RstpBpdu;

/** Decodes the bytes behind the LLC header. Padding behind a BPDU is ignored, except behind an MSTP one. */
export function decodeBpdu(buf: Uint8Array, off: number, end: number): Decoded<Bpdu> {
  if (end - off < STP_TCN_LENGTH) return new Malformed("truncated", off, "BPDU header");
  if (readU16BE(buf, off) !== 0) return new Malformed("bad-type", off, "BPDU protocol identifier");
  const version = readU8(buf, off + 2);
  const type = readU8(buf, off + 3);
  if (type === TYPE_TCN) return { kind: "tcn" };
  if (type === TYPE_CONFIG) {
    if (end - off < STP_CONFIG_LENGTH) return new Malformed("truncated", off, "configuration BPDU");
    return {
      kind: "config",
      ...decodeParameters(buf, off),
      topologyChangeAck: (readU8(buf, off + 4) & TOPOLOGY_CHANGE_ACK) !== 0,
    };
  }
  if (type !== TYPE_RAPID) return new Malformed("bad-type", off + 3, "BPDU type");
  // IEEE 802.1D-2004, 9.3.4: a rapid BPDU has version 2 or higher.
  if (version < 2) return new Malformed("bad-version", off + 2, "BPDU version");
  if (end - off < RSTP_LENGTH) return new Malformed("truncated", off, "rapid BPDU");
  const flags = readU8(buf, off + 4);
  return {
    kind: "rapid",
    ...decodeParameters(buf, off),
    version,
    proposal: (flags & PROPOSAL) !== 0,
    portRole: PORT_ROLES[(flags >>> 2) & 3] ?? "unknown",
    learning: (flags & LEARNING) !== 0,
    forwarding: (flags & FORWARDING) !== 0,
    agreement: (flags & AGREEMENT) !== 0,
    extension: buf.subarray(off + RSTP_LENGTH, version >= 3 ? end : off + RSTP_LENGTH),
  };
}

function decodeParameters(buf: Uint8Array, off: number): StpParameters {
  return {
    topologyChange: (readU8(buf, off + 4) & TOPOLOGY_CHANGE) !== 0,
    root: { priority: readU16BE(buf, off + 5), mac: readU48BE(buf, off + 7) },
    rootPathCost: readU32BE(buf, off + 13),
    bridge: { priority: readU16BE(buf, off + 17), mac: readU48BE(buf, off + 19) },
    portId: readU16BE(buf, off + 25),
    messageAge: readU16BE(buf, off + 27),
    maxAge: readU16BE(buf, off + 29),
    helloTime: readU16BE(buf, off + 31),
    forwardDelay: readU16BE(buf, off + 33),
  };
}

export function bpduLength(bpdu: Bpdu): number {
  switch (bpdu.kind) {
    case "tcn":
      return STP_TCN_LENGTH;
    case "config":
      return STP_CONFIG_LENGTH;
    case "rapid":
      return RSTP_LENGTH + bpdu.extension.length;
  }
}

/** Writes the bytes behind the LLC header. Returns the offset after them. */
export function writeBpdu(bpdu: Bpdu, buf: Uint8Array, off: number): number {
  writeU16BE(buf, off, 0);
  switch (bpdu.kind) {
    case "tcn":
      writeU8(buf, off + 2, 0);
      writeU8(buf, off + 3, TYPE_TCN);
      break;
    case "config":
      writeU8(buf, off + 2, 0);
      writeU8(buf, off + 3, TYPE_CONFIG);
      writeU8(
        buf,
        off + 4,
        (bpdu.topologyChange ? TOPOLOGY_CHANGE : 0) | (bpdu.topologyChangeAck ? TOPOLOGY_CHANGE_ACK : 0),
      );
      writeParameters(bpdu, buf, off);
      break;
    case "rapid":
      writeU8(buf, off + 2, bpdu.version);
      writeU8(buf, off + 3, TYPE_RAPID);
      writeU8(buf, off + 4, rapidFlags(bpdu));
      writeParameters(bpdu, buf, off);
      // Version 1 length: there is no version 1 information.
      writeU8(buf, off + STP_CONFIG_LENGTH, 0);
      copyBytes(bpdu.extension, 0, buf, off + RSTP_LENGTH, bpdu.extension.length);
      break;
  }
  return off + bpduLength(bpdu);
}

function rapidFlags(bpdu: RstpBpdu): number {
  return (
    (bpdu.topologyChange ? TOPOLOGY_CHANGE : 0) |
    (bpdu.proposal ? PROPOSAL : 0) |
    (PORT_ROLES.indexOf(bpdu.portRole) << 2) |
    (bpdu.learning ? LEARNING : 0) |
    (bpdu.forwarding ? FORWARDING : 0) |
    (bpdu.agreement ? AGREEMENT : 0)
  );
}

function writeParameters(parameters: StpParameters, buf: Uint8Array, off: number): void {
  writeU16BE(buf, off + 5, parameters.root.priority);
  writeU48BE(buf, off + 7, parameters.root.mac);
  writeU32BE(buf, off + 13, parameters.rootPathCost);
  writeU16BE(buf, off + 17, parameters.bridge.priority);
  writeU48BE(buf, off + 19, parameters.bridge.mac);
  writeU16BE(buf, off + 25, parameters.portId);
  writeU16BE(buf, off + 27, parameters.messageAge);
  writeU16BE(buf, off + 29, parameters.maxAge);
  writeU16BE(buf, off + 31, parameters.helloTime);
  writeU16BE(buf, off + 33, parameters.forwardDelay);
}
