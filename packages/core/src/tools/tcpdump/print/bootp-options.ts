// Options of DHCP (RFC 2132 and those that added to it).

import { AGENT_OPTIONS, HARDWARE_TYPES, MESSAGES, NETBIOS_NODES, OPTIONS, OVERLOADS } from "./bootp-names.ts";
import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex8, safeCharacter } from "./numbers.ts";

const [PAD, MESSAGE_TYPE, PARAMETERS, END] = [0, 53, 55, 255] as const;
const [NETBIOS_NODE, OVERLOAD, CLIENT_ID, USER_CLASS, FQDN, AGENT, ROUTES, MICROSOFT_ROUTES] = [
  46, 52, 61, 77, 81, 82, 121, 249,
] as const;

/** Options go on to the end of the packet, whatever UDP says about its length. */
export function dhcpOptions(d: Dissector, start: number): void {
  let at = start;
  d.text += "\n\t  Vendor-rfc1048 Extensions";
  d.text += `\n\t    Magic Cookie 0x${hex8(d.u32(at))}`;
  at += 4;
  while (d.has(at, 1)) {
    const code = d.u8(at++);
    if (code === PAD && d.verbose < 3) continue;
    if (code === END && d.verbose < 3) return;
    const known = OPTIONS.get(code) ?? "?Unknown";
    let form = known[0] ?? "?";
    const name = known.slice(1);
    let length = 0;
    if (code !== PAD && code !== END) {
      if (!d.has(at, 1)) return d.truncated();
      length = d.u8(at++);
    }
    d.text += `\n\t    ${name} (${code}), length ${length}${length > 0 ? ": " : ""}`;
    if (code === PAD) {
      let count = 1;
      for (; d.has(at, 1) && d.u8(at) === PAD; at++) count++;
      if (count > 1) d.text += `, occurs ${count}`;
      continue;
    }
    if (!d.has(at, length)) {
      d.truncated();
      return;
    }
    const value = at;
    at += length;
    if (code === MESSAGE_TYPE && length === 1) {
      d.text += MESSAGES.get(d.u8(value)) ?? `Unknown (${d.u8(value)})`;
      continue;
    }
    if (code === PARAMETERS) {
      parameters(d, value, length);
      continue;
    }
    if (code === END) continue;
    if (form === "?") form = (length & 1) !== 0 ? "b" : (length & 2) !== 0 ? "s" : "l";
    plain(d, form, code, value, length);
  }
}

function parameters(d: Dissector, at: number, length: number): void {
  for (let index = 0; index < length; index++) {
    const code = d.u8(at + index);
    const name = (OPTIONS.get(code) ?? "?Unknown").slice(1);
    d.text += `${index % 4 === 0 ? "\n\t      " : ", "}${name} (${code})`;
  }
}

function plain(d: Dissector, form: string, code: number, start: number, total: number): void {
  let at = start;
  let left = total;
  let first = true;
  const separate = (): void => {
    if (!first) d.text += ",";
    first = false;
  };
  switch (form) {
    case "a":
      d.text += '"';
      d.charactersUntil(at, left, d.end);
      d.text += '"';
      return;
    case "i":
    case "l":
    case "L":
      for (; left >= 4; at += 4, left -= 4) {
        separate();
        if (form === "i") d.text += d.ipv4(at);
        else d.text += form === "L" ? String(d.s32(at)) : String(d.u32(at));
      }
      break;
    case "p":
      for (; left >= 8; at += 8, left -= 8) {
        separate();
        d.text += `(${d.ipv4(at)}:${d.ipv4(at + 4)})`;
      }
      break;
    case "s":
      for (; left >= 2; at += 2, left -= 2) {
        separate();
        d.text += String(d.u16(at));
      }
      break;
    case "B":
      for (; left > 0; at++, left--) {
        separate();
        const byte = d.u8(at);
        d.text += byte === 0 ? "N" : byte === 1 ? "Y" : `${byte}?`;
      }
      break;
    case "$":
      special(d, code, at, left);
      return;
    default:
      for (; left > 0; at++, left--) d.text += `${first ? "" : "."}${((first = false), d.u8(at))}`;
  }
  trailing(d, left);
}

function trailing(d: Dissector, left: number): void {
  if (left > 0) d.text += `\n\t  trailing data length ${left}`;
}

function tooShort(d: Dissector, least: number): void {
  d.text += `[ERROR: length < ${least} bytes]`;
}

function special(d: Dissector, code: number, at: number, length: number): void {
  switch (code) {
    case NETBIOS_NODE:
    case OVERLOAD: {
      if (length < 1) return tooShort(d, 1);
      const value = d.u8(at);
      d.text += (code === OVERLOAD ? OVERLOADS : NETBIOS_NODES).get(value) ?? `#${value}`;
      trailing(d, length - 1);
      return;
    }
    case FQDN:
      return fullName(d, at, length);
    case CLIENT_ID:
      return clientIdentifier(d, at, length);
    case AGENT:
      return agent(d, at, length);
    case USER_CLASS:
      return userClass(d, at, length);
    case ROUTES:
    case MICROSOFT_ROUTES:
      return classlessRoutes(d, at, length);
    default:
      d.text += `[unknown special tag ${code}, size ${length}]`;
  }
}

/** RFC 4702 */
function fullName(d: Dissector, at: number, length: number): void {
  if (length < 3) return tooShort(d, 3);
  const flags = d.u8(at);
  if (flags >>> 4 !== 0) d.text += `[ERROR: MBZ nibble 0x${(flags >>> 4).toString(16)} != 0] `;
  if ((flags & 15) !== 0) {
    const letters: readonly (readonly [number, string])[] = [
      [1, "S"],
      [2, "O"],
      [4, "E"],
      [8, "N"],
    ];
    const shown = letters.map(([bit, letter]) => ((flags & bit) === 0 ? "" : letter)).join("");
    d.text += `[${shown}] `;
  }
  const [first, second] = [d.u8(at + 1), d.u8(at + 2)];
  if (first !== 0 || second !== 0) d.text += `${first}/${second} `;
  d.text += '"';
  d.charactersUntil(at + 3, length - 3, d.end);
  d.text += '"';
}

function clientIdentifier(d: Dissector, at: number, length: number): void {
  if (length < 1) return tooShort(d, 1);
  const type = d.u8(at);
  const rest = length - 1;
  if (type === 0) {
    d.text += '"';
    d.charactersUntil(at + 1, rest, d.end);
    d.text += '"';
  } else if (type === 255) {
    if (rest < 4) {
      trailing(d, rest);
      return;
    }
    d.text += `hardware-type ${type}, `;
    d.text += colons(d, at + 1, rest);
  } else {
    const name = HARDWARE_TYPES.get(type);
    d.text += name === undefined ? `hardware-type ${type}, ` : `${name} `;
    d.text += colons(d, at + 1, rest);
  }
}

function colons(d: Dissector, at: number, length: number): string {
  return d.hexBytes(at, length, ":");
}

/** RFC 3046 */
function agent(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  while (left >= 2) {
    const code = d.u8(at);
    const size = d.u8(at + 1);
    at += 2;
    left -= 2;
    d.text += `\n\t      ${AGENT_OPTIONS.get(code) ?? "Unknown"} SubOption ${code}, length ${size}: `;
    if (size > left) {
      d.text += "length goes past end of option";
      return;
    }
    left -= size;
    if (AGENT_OPTIONS.get(code) === undefined) unknownData(d, at, "\n\t\t", size);
    else for (let index = 0; index < size; index++) d.text += safeCharacter(d.u8(at + index));
    at += size;
  }
  trailing(d, left);
}

/** RFC 3004 */
function userClass(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  let instance = 1;
  if (left < 2) return tooShort(d, 2);
  while (left > 0) {
    const size = d.u8(at++);
    left--;
    d.text += `\n\t      instance#${instance}: `;
    if (size === 0) {
      d.text += "[ERROR: suboption length must be non-zero]";
      return;
    }
    if (left < size) {
      d.text += "[ERROR: invalid option]";
      return;
    }
    d.text += '"';
    d.charactersUntil(at, size, d.end);
    d.text += `", length ${size}`;
    at += size;
    left -= size;
    instance++;
  }
}

/** RFC 3442 */
function classlessRoutes(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  if (left < 5) return tooShort(d, 5);
  let first = true;
  while (left > 0) {
    if (!first) d.text += ",";
    first = false;
    const width = d.u8(at++);
    left--;
    if (width > 32) {
      d.text += `[ERROR: Mask width (${width}) > 32]`;
      return;
    }
    const significant = Math.floor((width + 7) / 8);
    if (significant + 4 > left) {
      d.text += "[ERROR: Remaining length (" + left + ") < " + (significant + 4) + " bytes]";
      return;
    }
    d.text += "(";
    if (width === 0) d.text += "default";
    else {
      const bytes: number[] = [];
      for (let index = 0; index < significant; index++) bytes.push(d.u8(at + index));
      while (bytes.length < 4) bytes.push(0);
      d.text += `${bytes.slice(0, significant).join(".")}${".0".repeat(4 - significant)}/${width}`;
    }
    at += significant;
    left -= significant;
    d.text += `:${d.ipv4(at)})`;
    at += 4;
    left -= 4;
  }
}
