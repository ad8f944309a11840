// The TLVs of IS-IS.

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NLPIDS } from "../nlpid-names.ts";
import { hex2, hex4, hex8, hexPadded } from "../numbers.ts";
import { messageSignature } from "../signature.ts";
import { OUI_NAMES } from "../oui-names.ts";
import { isisId, nsap } from "./address.ts";
import { checksumText } from "./checksum.ts";
import { portCapabilities, topologyCapabilities } from "./isis-bridging.ts";
import {
  ADJACENCIES,
  AUTHENTICATION,
  CAPABILITY_FLAGS,
  INTER_DOMAIN,
  RESTART_FLAGS,
  SEGMENT_ROUTING_FLAGS,
  TLVS,
  TOPOLOGIES,
  TOPOLOGY_FLAGS,
} from "./isis-names.ts";
import { metricBlock, oldPrefixes, wideNeighbour, widePrefix } from "./isis-reach.ts";

const INDENT = "\n\t      ";
const COMMON_LENGTH = 8; // bytes of the header that all PDUs have
const [SYSTEM_ID, NODE_ID, LSP_ID] = [6, 7, 8] as const;

/** The PDU around the TLVs, for checksums. */
interface Pdu {
  readonly start: number;
  readonly length: number;
}

/** "stop" ends the PDU without a word; undefined goes on, also if the value is too short. */
type Printer = (d: Dissector, at: number, length: number, type: number, pdu: Pdu) => "stop" | void;

/** Values of one size, one after the other. */
function each(size: number, print: (d: Dissector, at: number) => void): Printer {
  return (d, start, length) => {
    for (let left = length, at = start; left >= size; left -= size, at += size) print(d, at);
  };
}

function systemIds(title: string): Printer {
  return each(SYSTEM_ID, (d, at) => {
    d.need(at, SYSTEM_ID);
    d.text += `${INDENT}${title}${isisId(d, at, SYSTEM_ID)}`;
  });
}

const areas: Printer = (d, start, length) => {
  let at = start;
  for (let left = length; left > 0;) {
    const size = d.u8(at++);
    left--;
    if (left < size) return;
    d.text += `${INDENT}Area address (length: ${size}): ${nsap(d, at, size)}`;
    at += size;
    left -= size;
  }
};

const instance: Printer = (d, at, length) => {
  if (length < 4) return;
  const count = Math.floor((length - 2) / 2);
  d.text += `${INDENT}Instance ID: ${d.u16(at)}, ITIDs(${count}): `;
  for (let index = 0; index < count; index++) {
    d.text += `${d.u16(at + 2 + 2 * index)}${index < count - 1 ? ", " : ""}`;
  }
};

/** A topology identifier (RFC 5120). Returns its size. */
function topology(d: Dissector, at: number, left: number): number {
  if (left < 2) d.cutOff();
  const field = d.u16(at);
  d.text += `${INDENT}${TOPOLOGIES.get(field & 0xfff) ?? "Reserved for IETF Consensus"}`;
  d.text += ` Topology (0x${hexPadded(field & 0xfff, 3)}), Flags: [${TOPOLOGY_FLAGS.bits(field & 0xf000, "none")}]`;
  return 2;
}

/** A list whose entries say how long they are. */
function wide(
  print: (d: Dissector, at: number, left: number, type: number) => number,
  withTopology: boolean,
): Printer {
  return (d, start, length, type) => {
    let at = start;
    let left = length;
    if (withTopology) {
      const size = topology(d, at, left);
      at += size;
      left -= size;
    }
    while (left > 0) {
      const size = print(d, at, left, type);
      if (left < size) {
        d.text += ` [remaining tlv length ${left} < ${size}]`;
        d.invalid();
        return;
      }
      at += size;
      left -= size;
    }
  };
}

const neighbours = (withTopology: boolean): Printer =>
  wide((d, at, left, type) => wideNeighbour(d, at, type, left, INDENT), withTopology);
const prefixes = (version: 4 | 6, withTopology: boolean): Printer =>
  wide((d, at) => widePrefix(d, at, version, INDENT), withTopology);

const oldNeighbours: Printer = (d, start, length) => {
  if (length < 1) return;
  const flag = d.u8(start);
  d.text += `${INDENT}${flag === 0 ? "IsNotVirtual" : flag === 1 ? "IsVirtual" : `bogus virtual flag 0x${hex2(flag)}`}`;
  for (let left = length - 1, at = start + 1; left >= 11; left -= 11, at += 11) {
    d.need(at, 11);
    d.text += `${INDENT}IS Neighbor: ${isisId(d, at + 4, NODE_ID)}`;
    metricBlock(d, at);
  }
};

const endSystems = each(10, (d, at) => {
  d.need(at, 10);
  d.text += `${INDENT}ES Neighbor: ${isisId(d, at + 4, SYSTEM_ID)}`;
  metricBlock(d, at);
});

const internalPrefixes: Printer = (d, at, length) =>
  oldPrefixes(d, at, length, INDENT) ? undefined : "stop";

const authentication: Printer = (d, start, length, _type, pdu) => {
  if (length < 1) return;
  const type = d.u8(start);
  const at = start + 1;
  const left = length - 1;
  d.text += `${INDENT}${AUTHENTICATION.get(type) ?? `unknown Authentication type 0x${hex2(type)}`}: `;
  if (type === 1) d.paddedCharacters(at, left);
  else if (type === 54) {
    for (let index = 0; index < left; index++) d.text += hex2(d.u8(at + index));
    if (left !== 16) d.text += ", (invalid subTLV) ";
    const fields = pdu.start + COMMON_LENGTH;
    messageSignature(d, pdu, at, [fields + 2, fields + 16]);
  } else if (type === 3) {
    if (left < 2) return;
    d.text += `${d.u16(at)}, password: ${d.hexBytes(at + 2, left - 2)}`;
  } else unknownData(d, at, "\n\t\t  ", left);
};

/** RFC 5303: fields that may be left off from the end. */
const adjacency: Printer = (d, at, length) => {
  let left = length;
  if (left >= 1) {
    d.text += `${INDENT}Adjacency State: ${ADJACENCIES.get(d.u8(at)) ?? "unknown"} (${d.u8(at)})`;
    left--;
  }
  if (left > 4) {
    d.text += `${INDENT}Extended Local circuit-ID: 0x${hex8(d.u32(at + 1))}`;
    left -= 4;
  }
  if (left >= SYSTEM_ID) {
    d.need(at + 5, SYSTEM_ID);
    d.text += `${INDENT}Neighbor System-ID: ${isisId(d, at + 5, SYSTEM_ID)}`;
    left -= SYSTEM_ID;
  }
  if (left >= 4) d.text += `${INDENT}Neighbor Extended Local circuit-ID: 0x${hex8(d.u32(at + 11))}`;
};

const protocols: Printer = (d, at, length) => {
  d.text += `${INDENT}NLPID(s): `;
  for (let index = 0; index < length; index++) {
    const id = d.u8(at + index);
    d.text += `${NLPIDS.get(id) ?? "unknown"} (0x${hex2(id)})${index + 1 < length ? ", " : ""}`;
  }
};

const portCapability: Printer = (d, at, length) => {
  if (length < 2) return;
  const field = d.u16(at);
  d.text += `\n\t       RES: ${field >>> 12}, MTID(s): ${field & 0xfff}`;
  if (length > 2) portCapabilities(d, at + 2, length - 2);
};

const topologyCapability: Printer = (d, at, length) => {
  if (length < 2) return;
  const field = d.u16(at);
  d.text += `${INDENT}O: ${field >>> 15}, RES: ${(field >>> 12) & 7}, MTID(s): ${field & 0xfff}`;
  if (length > 2) topologyCapabilities(d, at + 2, length - 2);
};

const hostname: Printer = (d, at, length) => {
  d.text += `${INDENT}Hostname: `;
  d.paddedCharacters(at, length);
};

const sharedRisk: Printer = (d, start, length) => {
  if (length < NODE_ID) return;
  d.need(start, NODE_ID);
  d.text += `${INDENT}IS Neighbor: ${isisId(d, start, NODE_ID)}`;
  if (length < 8) return;
  d.text += `, Flags: [${(d.u8(start + 7) & 1) === 0 ? "unnumbered" : "numbered"}]`;
  if (length < 12) return;
  d.text += `${INDENT}IPv4 interface address: ${d.ipv4(start + 8)}`;
  if (length < 16) return;
  d.text += `${INDENT}IPv4 neighbor address: ${d.ipv4(start + 12)}`;
  for (let left = length - 16, at = start + 16; left >= 4; left -= 4, at += 4) {
    d.text += `${INDENT}Link-ID: 0x${hex8(d.u32(at))}`;
  }
};

const linkStates = each(16, (d, at) => {
  d.need(at + 2, LSP_ID);
  d.text += `${INDENT}lsp-id: ${isisId(d, at + 2, LSP_ID)}`;
  d.text += `, seq: 0x${hex8(d.u32(at + 10))}`;
  d.text += `, lifetime: ${String(d.u16(at)).padStart(5)}s`;
  d.text += `, chksum: 0x${hex4(d.u16(at + 14))}`;
});

const checksum: Printer = (d, at, length, _type, pdu) => {
  if (length < 2) return;
  d.need(at, 2);
  const found = d.u16(at);
  d.text += `${INDENT}checksum: 0x${hex4(found)} `;
  checksumText(d, pdu.start, found, at - pdu.start, pdu.length);
};

/** RFC 6232. */
const purgeOriginator: Printer = (d, at, length) => {
  if (length < 1) return;
  const count = d.u8(at);
  if (count === 0) {
    d.text += " No system IDs supplied";
    return;
  }
  if (length - 1 < SYSTEM_ID) return;
  d.need(at + 1, SYSTEM_ID);
  d.text += `${INDENT}Purge Originator System-ID: ${isisId(d, at + 1, SYSTEM_ID)}`;
  if (count === 1 || length - 1 < 2 * SYSTEM_ID) return;
  d.need(at + 7, 2 * SYSTEM_ID + 1);
  d.text += `${INDENT}Received from System-ID: ${isisId(d, at + 7, SYSTEM_ID)}`;
};

const topologies: Printer = (d, start, length) => {
  for (let left = length, at = start; left > 0; left -= 2, at += 2) {
    if (left === 1) {
      d.text += `${INDENT}invalid MT-ID`;
      return;
    }
    topology(d, at, left);
  }
};

/** RFC 5306. */
const restart: Printer = (d, at, length) => {
  if (length < 1) return;
  d.need(at, 1);
  d.text += `${INDENT}Flags [${RESTART_FLAGS.bits(d.u8(at), "none")}]`;
  if (length < 3) return;
  d.need(at + 1, 2);
  d.text += `, Remaining holding time ${d.u16(at + 1)}s`;
  if (length !== 3 + SYSTEM_ID) return;
  d.need(at + 3, SYSTEM_ID);
  d.text += `, for ${isisId(d, at + 3, SYSTEM_ID)}`;
};

const interDomain: Printer = (d, at, length) => {
  if (length < 1) return;
  const type = d.u8(at);
  d.text += `${INDENT}Inter-Domain Information Type: ${INTER_DOMAIN.get(type) ?? `Unknown (0x${hex2(type)})`}`;
  if (type !== 2) unknownData(d, at + 1, INDENT, length - 1);
  else if (length >= 3) d.text += `AS Number: ${d.u16(at + 1)}`;
};

const prefixNeighbours: Printer = (d, start, length) => {
  if (length < 4) return;
  d.need(start, 4);
  d.text += `${INDENT}Metric Block`;
  metricBlock(d, start);
  let at = start + 4;
  for (let left = length - 4; left > 0;) {
    // The length counts half bytes.
    const halves = d.u8(at++);
    left--;
    if (halves < 2) {
      d.text += `\n\t\tAddress: prefix length ${halves} < 2`;
      return;
    }
    const size = halves >>> 1;
    if (left < size) return;
    d.text += `\n\t\tAddress: ${nsap(d, at, size)}/${halves * 4}`;
    at += size;
    left -= size;
  }
};

const routerCapability: Printer = (d, at, length) => {
  if (length < 5) {
    d.text += ` [object length ${length} < 5]`;
    return d.invalid();
  }
  d.text += `${INDENT}Router-ID ${d.ipv4(at)}, Flags [${CAPABILITY_FLAGS.bits(d.u8(at + 4), "none")}]`;
  if (length > 5) capabilitySubTlvs(d, at + 5, length - 5);
};

function capabilitySubTlvs(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  while (left >= 2) {
    const type = d.u8(at);
    const length = d.u8(at + 1);
    left -= 2;
    at += 2;
    d.text += `\n\t\t${type === 2 ? "SR-Capabilities" : "unknown"} subTLV #${type}, length: ${length}`;
    if (length > left || !d.has(at, length)) return;
    if (type === 2) segmentRouting(d, at, length);
    else unknownData(d, at, "\n\t\t", length);
    left -= length;
    at += length;
  }
}

/** RFC 8667 section 3.1. */
function segmentRouting(d: Dissector, at: number, length: number): void {
  d.text += `, Flags [${SEGMENT_ROUTING_FLAGS.bits(d.u8(at), "None")}], Range ${d.u24(at + 1)}`;
  let place = at + 4;
  // One byte, as in the original: a value that is too short looks long.
  let left = (length - 4) & 0xff;
  while (left >= 5) {
    const type = d.u8(place);
    const size = d.u8(place + 1);
    left -= 2;
    place += 2;
    if (size > left) return;
    if (type !== 1) unknownData(d, place, "\n\t\t  ", size);
    else if (size === 3) d.text += `, SID value ${d.u24(place)}`;
    else if (size === 4) d.text += `, SID value ${d.u32(place)}`;
    else d.text += `, Unknown SID length${size}`;
    place += size;
    left -= size;
  }
}

const vendor: Printer = (d, at, length) => {
  if (length < 3) return;
  const oui = d.u24(at);
  d.text += `${INDENT}Vendor: ${OUI_NAMES.get(oui) ?? "Unknown"} (${oui})`;
  if (length > 3) unknownData(d, at + 3, "\n\t\t", length - 3);
};

function onlyFrom(least: number, text: (d: Dissector, at: number) => string): Printer {
  return (d, at, length) => {
    if (length >= least) d.text += `${INDENT}${text(d, at)}`;
  };
}

const PRINTERS: ReadonlyMap<number, Printer> = new Map<number, Printer>([
  [1, areas],
  [2, oldNeighbours],
  [3, endSystems],
  [4, systemIds("")],
  [5, prefixNeighbours],
  [6, systemIds("SNPA: ")],
  [7, instance],
  [8, () => {}],
  [9, linkStates],
  [10, authentication],
  [12, checksum],
  [13, purgeOriginator],
  [14, onlyFrom(2, (d, at) => `LSP Buffersize: ${d.u16(at)}`)],
  [22, neighbours(false)],
  [24, neighbours(false)],
  [128, internalPrefixes],
  [129, protocols],
  [130, internalPrefixes],
  [131, interDomain],
  [132, each(4, (d, at) => d.print(`${INDENT}IPv4 interface address: ${d.ipv4(at)}`))],
  [134, onlyFrom(4, (d, at) => `Traffic Engineering Router ID: ${d.ipv4(at)}`)],
  [135, prefixes(4, false)],
  [137, hostname],
  [138, sharedRisk],
  [143, portCapability],
  [144, topologyCapability],
  [211, restart],
  [222, neighbours(true)],
  [229, topologies],
  [232, each(16, (d, at) => d.print(`${INDENT}IPv6 interface address: ${d.ipv6(at)}`))],
  [235, prefixes(4, true)],
  [236, prefixes(6, false)],
  [237, prefixes(6, true)],
  [240, adjacency],
  [241, onlyFrom(4, (d, at) => `Sequence number: ${d.u32(at)}`)],
  [242, routerCapability],
  [250, vendor],
]);

export function tlvs(d: Dissector, start: number, total: number, pdu: Pdu): void {
  let at = start;
  let left = total;
  while (left > 0) {
    d.need(at, 2);
    if (left < 2) d.cutOff();
    const type = d.u8(at);
    const length = d.u8(at + 1);
    at += 2;
    left -= 2;
    d.text += `\n\t    ${TLVS.get(type) ?? "unknown"} TLV #${type}, length: ${length}`;
    if (left < length) d.cutOff();
    const print = PRINTERS.get(type);
    if (print !== undefined) {
      if (print(d, at, length, type, pdu) === "stop") return;
    } else if (d.verbose <= 1) unknownData(d, at, "\n\t\t", length);
    if (d.verbose > 1) unknownData(d, at, INDENT, length);
    at += length;
    left -= length;
  }
}
