// Linux "cooked" captures of all devices: DLT_LINUX_SLL and DLT_LINUX_SLL2.

import type { Dissector } from "./dissector.ts";
import { NO_ADDRESS } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { defaultPrint, tagText } from "./ethernet.ts";
import { hex4 } from "./numbers.ts";

const DIRECTIONS = ["In", "B", "M", "P", "Out"] as const;
const [SLL_LENGTH, SLL2_LENGTH] = [16, 20] as const;
const [NOVELL, LLC] = [0x0001, 0x0004] as const;
const VLAN_TYPES: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100, 0x9200]);
const MAX_LENGTH_VALUE = 1500;

function direction(type: number): string {
  return DIRECTIONS[type] ?? "?";
}

function typeText(d: Dissector, type: number, length: number): string {
  if (d.quiet > 0) return "";
  let text: string;
  if (type <= MAX_LENGTH_VALUE) {
    text = type === NOVELL ? "802.3" : type === LLC ? "802.2" : `ethertype Unknown (0x${hex4(type)})`;
  } else text = `ethertype ${ETHERTYPES.get(type) ?? "Unknown"} (0x${hex4(type)})`;
  return `${text}, length ${length}: `;
}

/** What both versions have behind their header. Returns the bytes of headers. */
function payload(
  d: Dissector,
  protocol: number,
  header: number,
  start: number,
  total: number,
  captured: number,
  describe: (length: number) => void,
): number {
  let type = protocol;
  let at = start;
  let length = total;
  let seen = captured;
  let headers = header;
  for (;;) {
    if (type <= MAX_LENGTH_VALUE) {
      if (type === NOVELL) {
        d.layers.ipx(d, at, length);
        return headers;
      }
      if (type === LLC) {
        const inner = d.layers.llc(d, at, length, seen, NO_ADDRESS, NO_ADDRESS);
        if (inner >= 0) return headers + inner;
        defaultPrint(d, at, seen);
        return headers;
      }
      defaultPrint(d, at, seen);
      return headers;
    }
    if (!VLAN_TYPES.has(type)) break;
    if (seen < 4 || length < 4) {
      d.protocol = "vlan";
      d.truncated();
      return headers + Math.min(seen, length);
    }
    if (d.linkHeaders) d.text += `${tagText(d.u16(at))}, `;
    type = d.u16(at + 2);
    if (type <= MAX_LENGTH_VALUE) type = LLC;
    if (d.quiet === 0) d.text += `ethertype ${ETHERTYPES.get(type) ?? "Unknown"}, `;
    at += 4;
    length -= 4;
    seen -= 4;
    headers += 4;
  }
  if (!d.layers.ethertype(d, type, at, length, seen, NO_ADDRESS, NO_ADDRESS)) {
    if (!d.linkHeaders) describe(header + length);
    defaultPrint(d, at, seen);
  }
  return headers;
}

export function linuxCooked(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "sll";
  d.check(at, SLL_LENGTH);
  const protocol = d.u16(at + 14);
  const body = length - SLL_LENGTH;
  const describe = (shown: number): void => {
    d.text += `${direction(d.u16(at)).padStart(3)} `;
    const size = d.u16(at + 4);
    // Other lengths than Ethernet's are not shown.
    if (size === 6) d.text += `${d.mac(at + 6)} `;
    d.text += typeText(d, protocol, shown);
  };
  if (d.linkHeaders) describe(length);
  return payload(d, protocol, SLL_LENGTH, at + SLL_LENGTH, body, captured - SLL_LENGTH, describe);
}

export function linuxCooked2(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "sll2";
  if (captured < SLL2_LENGTH) {
    d.truncated();
    return 0;
  }
  const protocol = d.u16(at);
  // The name that the index has here and now, be the packet from another machine or not.
  const ifindex = d.u32(at + 4);
  d.text += `${(d.interfaceName(ifindex) ?? "?").padEnd(5)} ${direction(d.u8(at + 10)).padEnd(3)} `;
  const describe = (shown: number): void => {
    d.text += `ifindex ${ifindex} `;
    const size = d.u8(at + 11);
    if (size === 6) d.text += `${d.mac(at + 12)} `;
    d.text += typeText(d, protocol, shown);
  };
  if (d.linkHeaders) describe(length);
  return payload(
    d,
    protocol,
    SLL2_LENGTH,
    at + SLL2_LENGTH,
    length - SLL2_LENGTH,
    captured - SLL2_LENGTH,
    describe,
  );
}
