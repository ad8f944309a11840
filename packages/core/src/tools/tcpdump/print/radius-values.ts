// Values of RADIUS attributes (RFC 2865-2869, 3162, 3580, 4072, 4675, 4818, 5090, 5176, 5447, 5580, 6572, 7155).

import type { Dissector } from "./dissector.ts";
import { formatTime } from "../../../system/calendar.ts";
import { hexAndAscii } from "./hexdump.ts";
import { hex2, padded } from "./numbers.ts";
import { ntpTimestamp } from "./ntp.ts";
import type { AttributeName, ValueKind } from "./radius-names.ts";
import { ERROR_CAUSES, MOBILE_FEATURES } from "./radius-names.ts";
import { VENDORS } from "./vendor-names.ts";

const [FRAMED_ADDRESS, LOGIN_HOST, IPX_NETWORK, APPLETALK_LINK, APPLETALK_NETWORK] = [
  8, 14, 23, 37, 38,
] as const;
const [EGRESS_VLAN, EGRESS_VLAN_NAME, TUNNEL_TYPE, TUNNEL_MEDIUM, TUNNEL_PASSWORD] = [
  56, 58, 64, 65, 69,
] as const;
const [ARAP_PASSWORD, ARAP_FEATURES, EAP_MESSAGE, TUNNEL_PREFERENCE, ARAP_CHALLENGE] = [
  70, 71, 79, 83, 84,
] as const;
/** Session-Timeout, Idle-Timeout, Acct-Delay-Time, Acct-Session-Time, Acct-Interim-Interval */
const SECONDS: ReadonlySet<number> = new Set([27, 28, 41, 46, 85]);
/** Attributes of tunnels, whose text may begin with a tag (RFC 2868). */
const TAGGED: ReadonlySet<number> = new Set([66, 67, 81, 82, 90, 91]);
const MAX_TAG = 0x1f;
const [USER_SELECTED, NAS_SELECTED] = [0xffff_ffff, 0xffff_fffe] as const;
const OPERATORS: Readonly<Record<number, string>> = {
  0x30: "TADIG",
  0x31: "REALM",
  0x32: "E212",
  0x33: "ICC",
};

type Value = (d: Dissector, at: number, length: number, type: number, attribute: AttributeName) => void;

/** Printable characters; dots for others, up to a zero. */
function text(d: Dissector, at: number, length: number): void {
  for (let index = 0; index < length; index++) {
    const byte = d.u8(at + index);
    if (byte === 0) return;
    d.text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
  }
}

function tag(value: number): string {
  return value === 0 ? "Tag[Unused] " : `Tag[${value}] `;
}

function vlanTag(value: number): string {
  const name = value === 0x31 ? "Tagged" : value === 0x32 ? "Untagged" : "Unknown tag";
  return `${name} (0x${hex2(value)}) `;
}

/** True, with the mark of it, if the value was not captured in full. Other attributes may follow all the same. */
function isCutOff(d: Dissector, at: number, length: number): boolean {
  const cut = !d.has(at, length);
  if (cut) d.truncated();
  return cut;
}

const string: Value = (d, at, length, type) => {
  if (isCutOff(d, at, length)) return;
  let skipped = 0;
  if (type === EAP_MESSAGE) return d.layers.eap(d, at, length);
  if (type === TUNNEL_PASSWORD) {
    if (length < 3) return d.truncated();
    const first = d.u8(at);
    d.text += `${tag(first <= MAX_TAG ? first : 0)}Salt ${d.u16(at + 1)} `;
    skipped = 3;
  } else if (TAGGED.has(type)) {
    const first = d.u8(at);
    if (first <= MAX_TAG) {
      d.text += tag(first);
      skipped = 1;
    }
  } else if (type === EGRESS_VLAN_NAME) {
    d.text += vlanTag(d.u8(at));
    skipped = 1;
  }
  text(d, at + skipped, length - skipped);
};

/** False, with a complaint, if the length is not the one it has to be. */
function hasLength(d: Dissector, length: number, expected: number, word = "ERROR"): boolean {
  if (length !== expected) d.text += `${word}: length ${length} != ${expected}`;
  return length === expected;
}

function time(seconds: number): string {
  const two = (value: number): string => padded(value, 2);
  if (seconds < 60) return `${two(seconds)} secs`;
  const minutes = Math.floor(seconds / 60);
  if (seconds < 3600) return `${two(minutes)}:${two(seconds % 60)} min`;
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)} hours`;
}

/** What some values begin with: a tag in place of the first byte, which is said before the rest is looked at. */
function leader(type: number): ((value: number) => string) | undefined {
  if (type === EGRESS_VLAN) return vlanTag;
  return type === TUNNEL_TYPE || type === TUNNEL_MEDIUM || type === TUNNEL_PREFERENCE ? tag : undefined;
}

const number: Value = (d, at, length, type, { values }) => {
  if (!hasLength(d, length, 4)) return;
  const said = leader(type);
  if (said !== undefined) d.text += said(d.u8(at));
  const value = said === undefined ? d.u32(at) : d.u24(at + 1);
  if (values !== undefined) d.text += values[value] || `#${value}`;
  else if (SECONDS.has(type)) d.text += time(value);
  else if (type === IPX_NETWORK) d.text += value === NAS_SELECTED ? "NAS Select" : String(value);
  else if (type === APPLETALK_LINK) d.text += value === 0 ? "Unnumbered" : String(value);
  else if (type === APPLETALK_NETWORK) d.text += value === 0 ? "NAS assigned" : String(value);
  else d.text += String(value);
};

const address: Value = (d, at, length, type) => {
  if (!hasLength(d, length, 4)) return;
  const value = d.u32(at);
  const isChosen = type === FRAMED_ADDRESS || type === LOGIN_HOST;
  if (isChosen && value === USER_SELECTED) d.text += "User Selected";
  else if (isChosen && value === NAS_SELECTED) d.text += "NAS Select";
  else d.text += d.ipv4(at);
};

const address6: Value = (d, at, length) => {
  if (hasLength(d, length, 16)) d.text += d.ipv6(at);
};

function badMask(d: Dissector, bits: number): boolean {
  if (bits > 128) d.text += `ERROR: netmask ${bits} not in range (0..128)`;
  return bits > 128;
}

const prefix6: Value = (d, at, length) => {
  if (length < 2 || length > 18) {
    d.text += `ERROR: length ${length} not in range (2..18)`;
    return;
  }
  if (isCutOff(d, at, length)) return;
  const bits = d.u8(at + 1);
  if (badMask(d, bits)) return;
  const bytes = new Uint8Array(16);
  for (let index = 0; index < length - 2; index++) bytes[index] = d.u8(at + 2 + index);
  d.text += `${d.addresses.ipv6(bytes, 0)}/${bits}`;
  if (bits > 8 * (length - 2)) d.text += " (inconsistent prefix length)";
};

const homePrefix: Value = (d, at, length) => {
  if (!hasLength(d, length, 17)) return;
  if (isCutOff(d, at, length)) return;
  const bits = d.u8(at);
  if (!badMask(d, bits)) d.text += `${d.ipv6(at + 1)}/${bits}`;
};

const date: Value = (d, at, length) => {
  if (hasLength(d, length, 4)) d.text += formatTime("%a %b %e %H:%M:%S %Y", d.u32(at) * 1e6);
};

const vendor: Value = (d, start, total) => {
  if (total < 4) return d.truncated();
  const id = d.u32(start);
  d.text += `Vendor: ${VENDORS.get(id) ?? "Unknown"} (${id})`;
  let at = start + 4;
  for (let left = total - 4; left >= 2;) {
    const type = d.u8(at);
    const size = d.u8(at + 1);
    d.text += `\n\t    Vendor Attribute: ${type}, Length: `;
    if (size < 2 || size > left) {
      d.text += `${size} (bogus, ${size < 2 ? "must be >= 2" : "goes past end of vendor-specific attribute"})`;
      return;
    }
    const value = size - 2;
    if (!d.has(at + 2, value)) {
      d.text = d.text.slice(0, d.text.lastIndexOf("\n"));
      return d.truncated();
    }
    d.text += `${value}, Value: `;
    for (let index = 0; index < value; index++) {
      const byte = d.u8(at + 2 + index);
      d.text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    }
    at += size;
    left -= size;
  }
};

/** False, with a complaint, if the value is shorter than its fixed part. */
function hasAtLeast(d: Dissector, at: number, length: number, least: number): boolean {
  if (isCutOff(d, at, length)) return false;
  if (length < least) d.text += `ERROR: length ${length} < ${least}`;
  return length >= least;
}

const operator: Value = (d, at, length) => {
  if (!hasAtLeast(d, at, length, 2)) return;
  const namespace = d.u8(at);
  d.text += `[${OPERATORS[namespace] ?? `unknown namespace ${namespace}`}] `;
  d.characters(at + 1, length - 1);
};

const location: Value = (d, at, length) => {
  if (!hasAtLeast(d, at, length, 21)) return;
  const code = d.u8(at + 2);
  const entity = d.u8(at + 3);
  d.text += `index ${d.u16(at)}, code ${["Civic", "Geospatial"][code] ?? `Unknown (${code})`}`;
  d.text += `, entity ${["User", "RADIUS"][entity] ?? `Unknown (${entity})`}, `;
  d.text += `sighting time ${ntpTimestamp(d, at + 4)}, time to live ${ntpTimestamp(d, at + 12)}, method "`;
  d.characters(at + 20, length - 20);
  d.text += '"';
};

const locationData: Value = (d, at, length) => {
  if (!hasAtLeast(d, at, length, 3)) return;
  d.text += `index ${d.u16(at)}, location`;
  hexAndAscii(d, "\n\t    ", at + 2, length - 2);
};

const locationPolicy: Value = (d, at, length) => {
  if (!hasAtLeast(d, at, length, 10)) return;
  const flags = d.u16(at);
  const names: string[] = [];
  for (let bit = 0; bit < 16; bit++) {
    if ((flags & (1 << bit)) !== 0) names.push(bit === 15 ? "Retransmission Allowed" : `MBZ-${15 - bit}`);
  }
  d.text += `flags [${names.join(", ") || "none"}], retention expires ${ntpTimestamp(d, at + 2)}`;
  if (length === 10) return;
  d.text += ', note well "';
  d.characters(at + 10, length - 10);
  d.text += '"';
};

const featureVector: Value = (d, at, length) => {
  if (!hasLength(d, length, 8)) return;
  const value = d.u64(at);
  const names = MOBILE_FEATURES.filter(([bit]) => ((value >> BigInt(bit)) & 1n) !== 0n).map(
    ([, name]) => name,
  );
  d.text += `[${names.join(", ")}]`;
};

const strange: Value = (d, at, length, type) => {
  const octets = (place: number, count: number): string => d.hexBytes(at + place, count).toUpperCase();
  switch (type) {
    case ARAP_PASSWORD:
      if (hasLength(d, length, 16)) d.text += `User_challenge (${octets(0, 8)}) User_resp(${octets(8, 8)})`;
      break;
    case ARAP_FEATURES:
      if (!hasLength(d, length, 14)) return;
      d.text += `User can${d.u8(at) === 0 ? "not" : ""} change password, Min password length: ${d.u8(at + 1)}`;
      d.text += `, created at: ${octets(2, 4)}, expires in: ${octets(6, 4)}, Current Time: ${octets(10, 4)}`;
      break;
    case ARAP_CHALLENGE:
      if (length < 8) hasLength(d, length, 8);
      else d.text += octets(0, 8);
      break;
    default: {
      if (!hasLength(d, length, 4, "Error")) return;
      const cause = d.u32(at);
      d.text += `Error cause ${cause}: ${ERROR_CAUSES[cause] ?? `Error-Cause ${cause} not known`}`;
    }
  }
};

const PRINTERS: Readonly<Record<ValueKind, Value>> = {
  string,
  number,
  address,
  address6,
  prefix6,
  homePrefix,
  time: date,
  vendor,
  operator,
  location,
  locationData,
  locationPolicy,
  featureVector,
  strange,
};

export function radiusValue(
  d: Dissector,
  attribute: AttributeName,
  type: number,
  at: number,
  length: number,
): void {
  if (attribute.kind !== undefined) PRINTERS[attribute.kind](d, at, length, type, attribute);
}
