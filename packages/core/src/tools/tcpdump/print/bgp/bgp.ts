// BGP (RFC 4271): messages in a TCP segment. Path attributes are in attributes.ts, what they announce in nlri.ts.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NETWORK_FAMILIES } from "../network-address.ts";
import { prefix } from "../prefix.ts";
import { attribute, attributeTitle, lengthSize } from "./attributes.ts";
import { capabilities } from "./capabilities.ts";
import { asNumber } from "./communities.ts";
import { ERRORS, MESSAGES, OPEN_OPTIONS, SUBCODES, SUBSEQUENT_FAMILIES } from "./names.ts";
import { hasPathIdentifiers } from "./nlri.ts";

const MARKER_LENGTH = 16;
const HEADER_LENGTH = 19;
const OPEN_LENGTH = 29;
const NOTIFICATION_LENGTH = 21;
const REFRESH_LENGTH = 23;
const CAPABILITIES = 2;

export function bgp(d: Dissector, start: number): void {
  d.protocol = "bgp";
  d.text += ": BGP";
  if (d.verbose < 1) return;
  let seen = start;
  for (let at = start; at < d.end;) {
    if (d.u8(at) !== 0xff) {
      at++;
      continue;
    }
    if (!d.has(at, MARKER_LENGTH)) break;
    if (!isMarker(d, at)) {
      at++;
      continue;
    }
    if (!d.has(at, HEADER_LENGTH)) return d.truncated();
    if (seen !== at) d.truncated();
    const length = d.u16(at + 16);
    if (length < HEADER_LENGTH) {
      d.text += `\nmessage length ${length} < ${HEADER_LENGTH}`;
      return d.invalid();
    }
    const type = d.u8(at + 18);
    if (!d.has(at, length)) {
      d.text += `\n[|BGP ${MESSAGES.get(type) ?? "Unknown Message Type"}]`;
      return;
    }
    message(d, at, length, type);
    at += length;
    seen = at;
  }
}

function isMarker(d: Dissector, at: number): boolean {
  for (let index = 0; index < MARKER_LENGTH; index++) if (d.u8(at + index) !== 0xff) return false;
  return true;
}

function message(d: Dissector, at: number, length: number, type: number): void {
  d.text += `\n\t${MESSAGES.get(type) ?? "Unknown"} Message (${type}), length: ${length}`;
  switch (type) {
    case 1:
      return open(d, at, length);
    case 2:
      if (!update(d, at, length)) d.truncated();
      return;
    case 3:
      return notification(d, at, length);
    case 4:
      return;
    case 5:
      return refresh(d, at, length);
    default:
      d.text += `\n\t  no Message ${type} decoder`;
      unknownData(d, at, "\n\t  ", length);
  }
}

function open(d: Dissector, start: number, length: number): void {
  if (length < OPEN_LENGTH) return d.truncated();
  d.text += `\n\t  Version ${d.u8(start + 19)}, my AS ${asNumber(d, d.u16(start + 20))}, `;
  d.text += `Holdtime ${d.u16(start + 22)}s, ID ${d.ipv4(start + 24)}`;
  const size = d.u8(start + 28);
  d.text += `\n\t  Optional parameters, length: ${size}`;
  const at = start + OPEN_LENGTH;
  const left = length - OPEN_LENGTH;
  for (let place = 0; place < size;) {
    if (!d.has(at + place, 2) || left < 2 + place) return d.truncated();
    const type = d.u8(at + place);
    const optionLength = d.u8(at + place + 1);
    if (2 + place + optionLength > size) {
      d.text += `\n\t     Option ${type}, length: ${optionLength}, goes past the end of the options`;
      return;
    }
    d.text += `\n\t    Option ${OPEN_OPTIONS.get(type) ?? "Unknown"} (${type}), length: ${optionLength}`;
    if (type === CAPABILITIES) capabilities(d, at + place + 2, optionLength);
    else d.text += `\n\t      no decoder for option ${type}`;
    place += 2 + optionLength;
  }
}

/** Prefixes of IPv4, with path identifiers if they seem to have some. Returns where it stopped; undefined if they are cut off. */
function routes(d: Dissector, start: number, length: number, withdrawn: boolean): number | undefined {
  const paths = hasPathIdentifiers(d, start, length, 32);
  let at = start;
  let left = length;
  while (left > 0) {
    let path = 0;
    if (paths) {
      if (left < 4) return withdrawn ? at + left : undefined;
      path = d.u32(at);
      at += 4;
      left -= 4;
    }
    const found = prefix(d, at, left, 4);
    if (found === -1) {
      d.text += "\n\t    (illegal prefix length)";
      return at;
    }
    if (typeof found === "number") return undefined;
    d.text += `\n\t    ${found.text}`;
    if (paths) d.text += `   Path Id: ${path}`;
    at += found.size;
    left -= found.size;
  }
  return at;
}

/** False if it is cut off. */
function update(d: Dissector, start: number, length: number): boolean {
  const end = start + length;
  let at = start + HEADER_LENGTH;
  if (end - at < 2) return false;
  const withdrawn = d.u16(at);
  at += 2;
  if (!d.has(at, withdrawn) || end - at < withdrawn) return false;
  let complete = withdrawn === 0;
  if (withdrawn > 1) {
    d.text += "\n\t  Withdrawn routes:";
    const after = routes(d, at, withdrawn, true);
    if (after === undefined) return false;
    complete = after === at + withdrawn;
    // Behind a prefix that is wrong the attributes are looked for right there.
    at = after;
  } else at += withdrawn;
  if (!d.has(at, 2) || end - at < 2) return false;
  const size = d.u16(at);
  at += 2;
  if (complete && size === 0 && at === end) {
    d.text += "\n\t  End-of-Rib Marker (empty NLRI)";
    return true;
  }
  if (end - at < size) return false;
  const after = attributes(d, at, size, end);
  if (after === undefined) return false;
  if (after >= end) return true;
  d.text += "\n\t  Updated routes:";
  return routes(d, after, end - after, false) !== undefined;
}

/** Returns the offset after them; undefined if they are cut off. */
function attributes(d: Dissector, start: number, size: number, end: number): number | undefined {
  let at = start;
  const limit = start + size;
  const tooShort = (text: string): number => {
    d.text += text;
    return limit;
  };
  while (at < limit) {
    if (!d.has(at, 2) || end - at < 2) return undefined;
    if (limit - at < 2) return tooShort("\n\t  [path attrs too short]");
    const flags = d.u8(at);
    const type = d.u8(at + 1);
    at += 2;
    const bytes = lengthSize(flags);
    if (!d.has(at, bytes) || end - at < bytes) return undefined;
    if (limit - at < bytes) return tooShort("\n\t  [path attrs too short]");
    const length = bytes === 2 ? d.u16(at) : d.u8(at);
    at += bytes;
    attributeTitle(d, type, length, flags, "\n\t  ");
    if (flags !== 0) d.text += ": ";
    if (limit - at < length) return tooShort(" [path attrs too short]");
    if (!attribute(d, type, at, length)) return undefined;
    at += length;
  }
  return at;
}

function familyText(d: Dissector, at: number, safi: number): string {
  const [family, subsequent] = [d.u16(at), d.u8(safi)];
  return `AFI ${NETWORK_FAMILIES.get(family) ?? "Unknown"} (${family}), SAFI ${SUBSEQUENT_FAMILIES.get(subsequent) ?? "Unknown"} (${subsequent})`;
}

const [FSM, CEASE, CAPABILITY] = [5, 6, 7] as const;

function notification(d: Dissector, start: number, length: number): void {
  if (length < NOTIFICATION_LENGTH) return d.truncated();
  const major = d.u8(start + 19);
  const minor = d.u8(start + 20);
  d.text += `, ${ERRORS.get(major) ?? "Unknown Error"} (${major})`;
  const subcodes = SUBCODES.get(major);
  if (subcodes === undefined) return;
  d.text += major === FSM || major === CAPABILITY ? " subcode" : ", subcode";
  d.text += ` ${subcodes.get(minor) ?? "Unknown"} (${minor})`;
  if (major === CEASE) cease(d, start + NOTIFICATION_LENGTH, length - NOTIFICATION_LENGTH, minor);
}

/** Data of a Cease: the limit of prefixes (RFC 4486) or words for people (RFC 8203). */
function cease(d: Dissector, at: number, length: number, subcode: number): void {
  if (subcode === 1 && length >= 7) {
    d.text += `, ${familyText(d, at, at + 2)}, Max Prefixes: ${d.u32(at + 3)}`;
  }
  if ((subcode !== 2 && subcode !== 4) || length < 1) return;
  const size = d.u8(at);
  let used = 0;
  if (size > length - 1) d.text += ", invalid Shutdown Communication length";
  else if (size === 0) {
    d.text += ", empty Shutdown Communication";
    used = 1;
  } else {
    d.text += `, Shutdown Communication (length: ${size}): "`;
    d.characters(at + 1, size);
    d.text += '"';
    used = size + 1;
  }
  if (length > used) {
    d.text += `, Data: (length: ${length - used})`;
    unknownData(d, at + used, "\n\t\t", length - used);
  }
}

function refresh(d: Dissector, start: number, length: number): void {
  if (length < REFRESH_LENGTH) return d.truncated();
  d.text += `\n\t  ${familyText(d, start + 19, start + 22)}`;
  if (d.verbose > 1) unknownData(d, start, "\n\t  ", length);
}
