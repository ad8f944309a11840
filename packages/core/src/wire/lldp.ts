/**
 * Link layer discovery protocol (IEEE 802.1AB-2009, clause 8) with the extensions of Auto Attach (draft-unbehagen-lldp-spb, OUI
 * 00-04-0D): LLDPDUs as Open vSwitch sends and reads them. Frames go to 01:80:c2:00:00:0e with EtherType 0x88cc.
 */
import {
  bytesEqual,
  readU16BE,
  readU24BE,
  readU32BE,
  readU48BE,
  readU8,
  writeU16BE,
  writeU24BE,
  writeU48BE,
  writeU8,
} from "./bytes.ts";
import type { MacAddress } from "./mac.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

export const LLDP_ETHERTYPE = 0x88cc;
export const LLDP_ADDRESS: MacAddress = 0x0180_c200_000e;

const TLV = {
  END: 0,
  CHASSIS: 1,
  PORT: 2,
  TTL: 3,
  PORT_DESCRIPTION: 4,
  SYSTEM_NAME: 5,
  SYSTEM_DESCRIPTION: 6,
  CAPABILITIES: 7,
  MANAGEMENT: 8,
  ORGANIZATION: 127,
} as const;
const HEADER = 2;
/** Subtypes of a chassis and of a port: a MAC address, a name of an interface. */
const CHASSIS_MAC = 4;
const PORT_INTERFACE_NAME = 5;
const MOST_SUBTYPE = 7;
const CAPABILITY_BRIDGE = 0x0004;

const AUTO_ATTACH = 0x00_040d;
const ELEMENT = 11;
const ASSIGNMENTS = 12;
const DIGEST = 32;
/** An element of Auto Attach: a client that is a virtual switch, with a single connection. */
const VIRTUAL_SWITCH = 14;
const SYSTEM_ID = 10;
const ASSIGNMENT = 5;

/** A VLAN for a service of a fabric. */
export interface LldpAssignment {
  /** Of the server, 0 when asked for. */
  readonly status: number;
  readonly vlan: number;
  readonly isid: number;
}

/** What a virtual switch sends. */
export interface LldpAnnouncement {
  readonly chassis: MacAddress;
  readonly port: string;
  /** Seconds. */
  readonly ttl: number;
  readonly systemName: string;
  readonly systemDescription: string;
  readonly assignments: readonly LldpAssignment[];
}

/** What is read of a neighbour. */
export interface LldpNeighbour {
  /** Subtype and bytes: who it is. */
  readonly chassis: Uint8Array;
  readonly port: Uint8Array;
  readonly systemDescription: string | undefined;
  /** The system of an element of Auto Attach. */
  readonly system: Uint8Array | undefined;
  readonly assignments: readonly LldpAssignment[];
}

/** Hears of what is read, also if it turns out to be malformed further on. */
export interface LldpObserver {
  /** A TLV of an unknown type, or of an organization that is not looked into. */
  unrecognized(): void;
  /** @param word type, state and VLAN of the management of an element: 6, 6 and 12 bits above the last 8 */
  element(word: number, system: MacAddress): void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function tlv(type: number, length: number, fill: (bytes: Uint8Array, at: number) => void): Uint8Array {
  const bytes = new Uint8Array(HEADER + length);
  writeU16BE(bytes, 0, (type << 9) | length);
  fill(bytes, HEADER);
  return bytes;
}

function textTlv(type: number, text: string): Uint8Array[] {
  const bytes = encoder.encode(text);
  return bytes.length === 0 ? [] : [tlv(type, bytes.length, (to, at) => to.set(bytes, at))];
}

/** An element that asks for nothing: no digest, no state, no VLAN of the management. */
function elementTlv(system: MacAddress): Uint8Array {
  return tlv(TLV.ORGANIZATION, 4 + DIGEST + 4 + SYSTEM_ID, (to, at) => {
    writeU24BE(to, at, AUTO_ATTACH);
    writeU8(to, at + 3, ELEMENT);
    const element = at + 4 + DIGEST;
    writeU16BE(to, element, VIRTUAL_SWITCH << 10);
    writeU48BE(to, element + 4, system);
  });
}

function assignmentsTlv(assignments: readonly LldpAssignment[]): Uint8Array[] {
  if (assignments.length === 0) return [];
  return [
    tlv(TLV.ORGANIZATION, 4 + DIGEST + ASSIGNMENT * assignments.length, (to, at) => {
      writeU24BE(to, at, AUTO_ATTACH);
      writeU8(to, at + 3, ASSIGNMENTS);
      assignments.forEach(({ status, vlan, isid }, index) => {
        const one = at + 4 + DIGEST + ASSIGNMENT * index;
        writeU16BE(to, one, ((status << 12) | vlan) & 0xffff);
        writeU24BE(to, one + 2, isid & 0xff_ffff);
      });
    }),
  ];
}

/** An LLDPDU without the frame. */
export function encodeLldp(announcement: LldpAnnouncement): Uint8Array {
  const { chassis, port, ttl } = announcement;
  const name = encoder.encode(port);
  const tlvs = [
    tlv(TLV.CHASSIS, 7, (to, at) => {
      writeU8(to, at, CHASSIS_MAC);
      writeU48BE(to, at + 1, chassis);
    }),
    tlv(TLV.PORT, 1 + name.length, (to, at) => {
      writeU8(to, at, PORT_INTERFACE_NAME);
      to.set(name, at + 1);
    }),
    tlv(TLV.TTL, 2, (to, at) => writeU16BE(to, at, ttl)),
    ...textTlv(TLV.SYSTEM_NAME, announcement.systemName),
    ...textTlv(TLV.SYSTEM_DESCRIPTION, announcement.systemDescription),
    tlv(TLV.CAPABILITIES, 4, (to, at) => {
      writeU16BE(to, at, CAPABILITY_BRIDGE);
      writeU16BE(to, at + 2, CAPABILITY_BRIDGE);
    }),
    elementTlv(chassis),
    ...assignmentsTlv(announcement.assignments),
    tlv(TLV.END, 0, () => {}),
  ];
  const bytes = new Uint8Array(tlvs.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const each of tlvs) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}

interface Found {
  chassis?: Uint8Array;
  port?: Uint8Array;
  ttl?: number;
  systemDescription?: string;
  system?: Uint8Array;
  readonly assignments: LldpAssignment[];
  readonly observer: LldpObserver | undefined;
}

/** Least bytes of a TLV's value, by type, and what such a TLV is called. */
const LEAST: ReadonlyMap<number, readonly [bytes: number, name: string]> = new Map([
  [TLV.CHASSIS, [2, "Port/Chassis Id"]],
  [TLV.PORT, [2, "Port/Chassis Id"]],
  [TLV.TTL, [2, "TTL"]],
  [TLV.CAPABILITIES, [4, "System capabilities"]],
  [TLV.MANAGEMENT, [1, "Management address"]],
  [TLV.ORGANIZATION, [4, "Organisational"]],
]);

/** TLVs that come first, in this order (8.2). */
const FIRST = [
  [TLV.CHASSIS, "first TLV should be a chassis ID"],
  [TLV.PORT, "second TLV should be a port ID"],
  [TLV.TTL, "third TLV should be a TTL"],
] as const;

/** @returns the neighbour; Malformed in the words of Open vSwitch, with the port's name left out or as PORT */
export function decodeLldp(
  buf: Uint8Array,
  off: number,
  end: number,
  observer?: LldpObserver,
): Decoded<LldpNeighbour> {
  const found: Found = { assignments: [], observer };
  let ended = false;
  let count = 0;
  for (let at = off; at < end && !ended; count++) {
    if (end - at < HEADER) return new Malformed("truncated", at, "tlv header too short received");
    const word = readU16BE(buf, at);
    const type = word >>> 9;
    const value = at + HEADER;
    const next = value + (word & 0x1ff);
    if (next > end) return new Malformed("truncated", at, "frame too short for tlv received");
    const place = FIRST.findIndex(([each]) => each === type);
    if (place >= 0 && place !== count) {
      return new Malformed("bad-value", at, `${FIRST[place]?.[1]} on PORT, not ${type}`);
    }
    const [least, name] = LEAST.get(type) ?? [0, ""];
    if (next - value < least) return new Malformed("truncated", at, `${name} TLV too short received`);
    ended = type === TLV.END;
    if (ended && next !== value) {
      return new Malformed("bad-length", at, "lldp end received with size not null");
    }
    const fault = readTlv(found, type, buf, value, next);
    if (fault !== undefined) return new Malformed("bad-value", at, fault);
    at = next;
  }
  const { chassis, port, ttl, systemDescription, system, assignments } = found;
  if (!chassis || !port || ttl === undefined || !ended) {
    return new Malformed("truncated", off, "some mandatory tlv are missing for frame received");
  }
  return { chassis, port, systemDescription, system, assignments };
}

/** What is wrong with it; undefined if nothing is. */
function readTlv(found: Found, type: number, buf: Uint8Array, at: number, end: number): string | undefined {
  switch (type) {
    case TLV.CHASSIS:
    case TLV.PORT: {
      const subtype = readU8(buf, at);
      if (subtype === 0 || subtype > MOST_SUBTYPE) return "unknown subtype for tlv id received";
      found[type === TLV.CHASSIS ? "chassis" : "port"] = buf.slice(at, end);
      return undefined;
    }
    case TLV.TTL:
      found.ttl = readU16BE(buf, at);
      return undefined;
    case TLV.SYSTEM_DESCRIPTION:
      if (end > at) found.systemDescription = decoder.decode(buf.subarray(at, end));
      return undefined;
    case TLV.ORGANIZATION:
      return readOrganization(found, buf, at, end);
    default:
      if (type <= TLV.MANAGEMENT) return undefined;
      found.observer?.unrecognized();
      return `unknown tlv (${type}) received`;
  }
}

function readOrganization(found: Found, buf: Uint8Array, at: number, end: number): string | undefined {
  const value = at + 4 + DIGEST;
  const subtype = readU24BE(buf, at) === AUTO_ATTACH ? readU8(buf, at + 3) : undefined;
  if (subtype === ELEMENT && end - value >= 4 + SYSTEM_ID) {
    found.system = buf.slice(value + 4, value + 4 + SYSTEM_ID);
    found.observer?.element(readU32BE(buf, value), readU48BE(buf, value + 4));
  } else if (subtype === ASSIGNMENTS && end >= value) {
    if ((end - value) % ASSIGNMENT !== 0) return "malformed vlan-isid mappings tlv received";
    for (let one = value; one < end; one += ASSIGNMENT) {
      const word = readU16BE(buf, one);
      found.assignments.push({ status: word >>> 12, vlan: word & 0xfff, isid: readU24BE(buf, one + 2) });
    }
  } else if (subtype === ELEMENT || subtype === ASSIGNMENTS) {
    return `${subtype === ELEMENT ? "ELEMENT" : "ISID_VLAN_ASGNS"} TLV too short received`;
  } else found.observer?.unrecognized();
  return undefined;
}

/** The same port of the same system. */
export function sameNeighbour(one: LldpNeighbour, other: LldpNeighbour): boolean {
  return bytesEqual(one.chassis, other.chassis) && bytesEqual(one.port, other.port);
}
