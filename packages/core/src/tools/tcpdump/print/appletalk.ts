// AppleTalk: LocalTalk's link access protocol, datagrams (DDP), names (NBP), transactions (ATP) and address resolution (AARP).

import type { Dissector } from "./dissector.ts";
import { eigrp } from "./eigrp.ts";
import { NameTable } from "./names.ts";
import { alternateHex, hex, safeCharacter } from "./numbers.ts";

const [LAP_LENGTH, SHORT_DDP_LENGTH, DDP_LENGTH] = [3, 5, 13] as const;
const LAP_SHORT_DDP = 1;
export const LAP_DDP = 2;
const [NBP, ATP, EIGRP] = [2, 3, 88] as const;
const DDP_TYPES = new NameTable([
  [1, "rtmp"],
  [5, "rtmpReq"],
  [2, "nbp"],
  [3, "atp"],
  [4, "echo"],
  [22, "IP"],
  [23, "ARP"],
  [0x4b, "KLAP"],
]);
const SOCKETS: Readonly<Record<number, string>> = { 1: "rtmp", 2: "nis", 4: "echo", 6: "zip" };

/** Who sent a datagram. */
interface Sender {
  readonly net: number;
  readonly node: number;
  readonly socket: number;
}

function address(net: number, node: number): string {
  return node === 255 ? String(net) : `${net}.${node}`;
}

function socketName(d: Dissector, socket: number): string {
  return d.options.numeric ? String(socket) : (SOCKETS[socket] ?? String(socket));
}

function transactionBitmap(d: Dissector, bitmap: number): void {
  if (((bitmap + 1) & bitmap) !== 0) {
    const parts: number[] = [];
    for (let bit = 0; bit < 8; bit++) if ((bitmap & (1 << bit)) !== 0) parts.push(bit);
    d.text += `<${parts.join(",")}>`;
    return;
  }
  const count = 32 - Math.clz32(bitmap);
  d.text += count > 1 ? `<0-${count - 1}>` : "<0>";
}

const [EXACTLY_ONCE, END_OF_MESSAGE, SEND_STATUS] = [0x20, 0x10, 0x08] as const;
const [REQUEST, RESPONSE, RELEASE] = [0x40, 0x80, 0xc0] as const;
const ATP_LENGTH = 8;

function transaction(d: Dissector, at: number, total: number): void {
  if (!d.has(at, ATP_LENGTH)) return d.truncated();
  if (total < ATP_LENGTH) {
    d.text += ` [|atp ${total}]`;
    return;
  }
  const length = total - ATP_LENGTH;
  const [control, bitmap, id] = [d.u8(at), d.u8(at + 1), d.u16(at + 2)];
  const flags = (...names: readonly (readonly [number, string])[]): string =>
    names
      .filter(([bit]) => (control & bit) !== 0)
      .map(([, name]) => name)
      .join(",");
  const shown = (text: string): string => (text === "" ? "" : ` [${text}]`);
  switch (control & 0xc0) {
    case REQUEST:
      d.text += ` atp-req${(control & EXACTLY_ONCE) === 0 ? "*" : " "} ${id}`;
      transactionBitmap(d, bitmap);
      if (length !== 0) d.text += ` [len=${length}]`;
      d.text += shown(flags([END_OF_MESSAGE, "EOM"], [SEND_STATUS, "STS"]));
      break;
    case RESPONSE:
      d.text += ` atp-resp${(control & END_OF_MESSAGE) === 0 ? " " : "*"}${id}:${bitmap} (${length})`;
      d.text += shown(flags([EXACTLY_ONCE, "XO"], [SEND_STATUS, "STS"]));
      break;
    case RELEASE: {
      d.text += ` atp-rel  ${id}`;
      transactionBitmap(d, bitmap);
      if (length !== 0) d.text += ` [len=${length}]`;
      const set = flags([EXACTLY_ONCE, "XO"], [END_OF_MESSAGE, "EOM"], [SEND_STATUS, "STS"]);
      if (set !== "") d.text += `[${set}]`;
      break;
    }
    default:
      d.text += ` atp-0x${hex(control)}  ${id} (${length})`;
  }
  const data = d.u32(at + 4);
  if (data !== 0) d.text += ` 0x${hex(data)}`;
}

const MAX_NAME = 32;
const [NBP_HEADER, TUPLE_HEADER, TUPLE_MINIMUM] = [2, 5, 8] as const;
const [BROADCAST_REQUEST, LOOKUP, LOOKUP_REPLY] = [0x10, 0x20, 0x30] as const;

/** A string behind its length. Returns the offset after it; undefined if it is cut off or too long. */
function countedString(d: Dissector, start: number): number | undefined {
  if (start >= d.end) {
    d.truncated();
    return undefined;
  }
  const length = d.u8(start);
  if (length > MAX_NAME) {
    d.text += `[len=${length}]`;
    return undefined;
  }
  for (let index = 0; index < length; index++) {
    if (start + 1 + index >= d.end) {
      d.truncated();
      return undefined;
    }
    d.text += safeCharacter(d.u8(start + 1 + index));
  }
  return start + 1 + length;
}

/** "object:type@zone" of a tuple at `at`. Returns the offset after it. */
function tupleName(d: Dissector, at: number): number | undefined {
  d.text += ' "';
  let next = countedString(d, at + TUPLE_HEADER);
  if (next === undefined) return undefined;
  d.text += ":";
  next = countedString(d, next);
  if (next === undefined) return undefined;
  d.text += "@";
  next = countedString(d, next);
  if (next !== undefined) d.text += '"';
  return next;
}

function names(d: Dissector, at: number, total: number, sender: Sender): void {
  if (total < NBP_HEADER + TUPLE_MINIMUM) {
    d.text += ` truncated-nbp ${total}`;
    return;
  }
  const tuple = at + NBP_HEADER;
  if (tuple > d.end) return d.truncated();
  const control = d.u8(at);
  const kind = control & 0xf0;
  const cutOff = (place: number): boolean => {
    if (place + TUPLE_HEADER <= d.end) return false;
    d.truncated();
    return true;
  };
  const place = (start: number): Sender => ({
    net: d.u16(start),
    node: d.u8(start + 2),
    socket: d.u8(start + 3),
  });
  if (kind === BROADCAST_REQUEST || kind === LOOKUP) {
    d.text += `${kind === LOOKUP ? " nbp-lkup" : " nbp-brRq"} ${d.u8(at + 1)}:`;
    if (cutOff(tuple)) return;
    tupleName(d, tuple);
    // There can be only one tuple, it has the address of the sender, and its enumerator is zero.
    if ((control & 15) !== 1) d.text += ` [ntup=${control & 15}]`;
    if (d.u8(tuple + 4) !== 0) d.text += ` [enum=${d.u8(tuple + 4)}]`;
    const { net, node, socket } = place(tuple);
    if (net !== sender.net || node !== sender.node || socket !== sender.socket) {
      d.text += ` [addr=${address(net, node)}.${socket}]`;
    }
  } else if (kind === LOOKUP_REPLY) {
    d.text += ` nbp-reply ${d.u8(at + 1)}:`;
    let next: number | undefined = tuple;
    for (let count = control & 15; count !== 0 && next !== undefined; count--) {
      const start: number = next;
      if (cutOff(start)) return;
      next = tupleName(d, start);
      if (d.u8(start + 4) !== 1) d.text += `(${d.u8(start + 4)})`;
      const { net, node, socket } = place(start);
      if (socket !== sender.socket) d.text += ` ${socket}`;
      if (net !== sender.net || node !== sender.node) d.text += ` [addr=${address(net, node)}]`;
    }
  } else d.text += ` nbp-0x${hex(control)}  ${d.u8(at + 1)} (${total - NBP_HEADER})`;
}

function datagram(d: Dissector, at: number, length: number, type: number, sender: Sender): void {
  if (type === NBP) names(d, at, length, sender);
  else if (type === ATP) transaction(d, at, length);
  else if (type === EIGRP) eigrp(d, at, length);
  else d.text += ` at-${DDP_TYPES.get(type) ?? `#${type}`} ${length}`;
}

/** A datagram with its long header. `colon` is what stands behind the addresses. */
function longDatagram(d: Dissector, at: number, length: number, colon: string): void {
  const sender = { net: d.u16(at + 6), node: d.u8(at + 9), socket: d.u8(at + 11) };
  d.text += `${address(sender.net, sender.node)}.${socketName(d, sender.socket)}`;
  d.text += ` > ${address(d.u16(at + 4), d.u8(at + 8))}.${socketName(d, d.u8(at + 10))}${colon}`;
  datagram(d, at + DDP_LENGTH, length - DDP_LENGTH, d.u8(at + 12), sender);
}

/** Over Ethernet and what has SNAP. */
export function appletalk(d: Dissector, at: number, length: number): void {
  d.protocol = "atalk";
  if (!d.linkHeaders) d.text += "AT ";
  if (length < DDP_LENGTH) d.text += ` [|ddp ${length}]`;
  else if (!d.has(at, DDP_LENGTH)) d.text += " [|ddp]";
  else longDatagram(d, at, length, ": ");
}

/** A frame of LocalTalk. Returns the length of its headers, 0 if they were not all captured. */
export function localTalkFrame(d: Dissector, start: number, total: number): number {
  d.protocol = "llap";
  if (total < LAP_LENGTH) {
    d.text += ` [|llap ${total}]`;
    return total;
  }
  if (!d.has(start, LAP_LENGTH)) {
    d.truncated();
    return 0;
  }
  const [destination, source, type] = [d.u8(start), d.u8(start + 1), d.u8(start + 2)];
  const at = start + LAP_LENGTH;
  const length = total - LAP_LENGTH;
  if (type !== LAP_SHORT_DDP && type !== LAP_DDP) {
    d.text += `${source} > ${destination} at-lap#${type} ${length}`;
    return LAP_LENGTH;
  }
  const [name, size] =
    type === LAP_DDP ? (["ddp", DDP_LENGTH] as const) : (["sddp", SHORT_DDP_LENGTH] as const);
  if (length < size) {
    d.text += ` [|${name} ${length}]`;
    return length;
  }
  if (!d.has(at, size)) {
    d.text += ` [|${name}]`;
    return 0;
  }
  if (type === LAP_DDP) longDatagram(d, at, length, ":");
  else {
    const sender = { net: 0, node: source, socket: d.u8(at + 3) };
    d.text += `${address(0, source)}.${socketName(d, sender.socket)}`;
    d.text += ` > ${address(0, destination)}.${socketName(d, d.u8(at + 2))}:`;
    datagram(d, at + size, length - size, d.u8(at + 4), sender);
  }
  return LAP_LENGTH + size;
}

/** DLT_LTALK */
export function localTalk(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "ltalk";
  const headers = localTalkFrame(d, at, length);
  return headers === 0 ? captured : headers;
}

const AARP_LENGTH = 28;

/** AppleTalk's address resolution (Inside AppleTalk, chapter 2). */
export function aarp(d: Dissector, at: number, length: number): void {
  d.protocol = "aarp";
  d.text += "aarp ";
  if (!d.has(at, AARP_LENGTH)) return d.truncated();
  if (length < AARP_LENGTH) {
    d.text += ` [|aarp ${length}]`;
    return;
  }
  const [hardware, protocol, operation] = [d.u16(at), d.u16(at + 2), d.u16(at + 6)];
  const [hardwareLength, protocolLength] = [d.u8(at + 4), d.u8(at + 5)];
  const place = (start: number): string => address(d.u16(start + 1), d.u8(start + 3));
  const [source, destination] = [at + 14, at + 24];
  if (hardware === 1 && protocol === 0x809b && hardwareLength === 6 && protocolLength === 4) {
    if (operation === 1) return d.print(`who-has ${place(destination)} tell ${place(source)}`);
    if (operation === 2) return d.print(`reply ${place(source)} is-at ${d.mac(at + 8)}`);
    if (operation === 3) return d.print(`probe ${place(destination)} tell ${place(source)}`);
  }
  d.text += `len ${length} op ${operation} htype ${hardware} ptype ${alternateHex(protocol)}`;
  d.text += ` halen ${hardwareLength} palen ${protocolLength}`;
}
