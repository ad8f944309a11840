/**
 * Link aggregation control protocol (IEEE 802.1AX-2008, 5.4.2): LACPDUs, and the markers of 5.5 as far as they are told from
 * them. Slow protocol frames go to 01:80:c2:00:00:02 with EtherType 0x8809; `off` is at the subtype. State machines are
 * elsewhere.
 */
import { readU16BE, readU48BE, readU8, writeU16BE, writeU48BE, writeU8 } from "./bytes.ts";
import type { MacAddress } from "./mac.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

export const SLOW_PROTOCOLS_ETHERTYPE = 0x8809;
export const SLOW_PROTOCOLS_ADDRESS: MacAddress = 0x0180_c200_0002;
/** Bytes of a LACPDU without the frame. */
export const LACPDU_LENGTH = 110;

const SUBTYPE_LACP = 1;
const SUBTYPE_MARKER = 2;
const MARKER_LENGTH = 110;
const VERSION = 1;
const TLV_ACTOR = 1;
const TLV_PARTNER = 2;
const TLV_COLLECTOR = 3;
const INFORMATION_LENGTH = 20;
const COLLECTOR_LENGTH = 16;
const ACTOR_AT = 2;
const PARTNER_AT = ACTOR_AT + INFORMATION_LENGTH;
const COLLECTOR_AT = PARTNER_AT + INFORMATION_LENGTH;

/** Bits of a state (5.4.2.2, item m). */
export const LacpState = {
  ACTIVITY: 0x01,
  TIMEOUT: 0x02,
  AGGREGATION: 0x04,
  SYNCHRONIZED: 0x08,
  COLLECTING: 0x10,
  DISTRIBUTING: 0x20,
  DEFAULTED: 0x40,
  EXPIRED: 0x80,
} as const;

/** What a LACPDU says of one end. */
export interface LacpInformation {
  readonly systemPriority: number;
  readonly systemId: MacAddress;
  readonly key: number;
  readonly portPriority: number;
  readonly portId: number;
  /** Bits of LacpState. */
  readonly state: number;
}

export type LacpMessage =
  | { readonly kind: "lacp"; readonly actor: LacpInformation; readonly partner: LacpInformation }
  | { readonly kind: "marker" };

export function decodeLacp(buf: Uint8Array, off: number, end: number): Decoded<LacpMessage> {
  const length = end - off;
  if (length < 1) return new Malformed("truncated", off, "slow protocol");
  const subtype = readU8(buf, off);
  if (subtype === SUBTYPE_MARKER && length >= MARKER_LENGTH) return { kind: "marker" };
  if (length < LACPDU_LENGTH) return new Malformed("truncated", off, "LACPDU");
  const lengths =
    readU8(buf, off + ACTOR_AT + 1) === INFORMATION_LENGTH &&
    readU8(buf, off + PARTNER_AT + 1) === INFORMATION_LENGTH;
  const types = readU8(buf, off + ACTOR_AT) === TLV_ACTOR && readU8(buf, off + PARTNER_AT) === TLV_PARTNER;
  if (subtype !== SUBTYPE_LACP || !types || !lengths) return new Malformed("bad-type", off, "LACPDU");
  return {
    kind: "lacp",
    actor: readInformation(buf, off + ACTOR_AT),
    partner: readInformation(buf, off + PARTNER_AT),
  };
}

function readInformation(buf: Uint8Array, at: number): LacpInformation {
  return {
    systemPriority: readU16BE(buf, at + 2),
    systemId: readU48BE(buf, at + 4),
    key: readU16BE(buf, at + 10),
    portPriority: readU16BE(buf, at + 12),
    portId: readU16BE(buf, at + 14),
    state: readU8(buf, at + 16),
  };
}

/** Writes a LACPDU. Returns the offset after it. */
export function writeLacp(
  { actor, partner }: { readonly actor: LacpInformation; readonly partner: LacpInformation },
  buf: Uint8Array,
  off: number,
): number {
  const end = off + LACPDU_LENGTH;
  buf.fill(0, off, end);
  writeU8(buf, off, SUBTYPE_LACP);
  writeU8(buf, off + 1, VERSION);
  writeInformation(buf, off + ACTOR_AT, TLV_ACTOR, actor);
  writeInformation(buf, off + PARTNER_AT, TLV_PARTNER, partner);
  writeU8(buf, off + COLLECTOR_AT, TLV_COLLECTOR);
  writeU8(buf, off + COLLECTOR_AT + 1, COLLECTOR_LENGTH);
  return end;
}

function writeInformation(buf: Uint8Array, at: number, type: number, information: LacpInformation): void {
  writeU8(buf, at, type);
  writeU8(buf, at + 1, INFORMATION_LENGTH);
  writeU16BE(buf, at + 2, information.systemPriority);
  writeU48BE(buf, at + 4, information.systemId);
  writeU16BE(buf, at + 10, information.key);
  writeU16BE(buf, at + 12, information.portPriority);
  writeU16BE(buf, at + 14, information.portId);
  writeU8(buf, at + 16, information.state);
}
