// ARP and RARP (RFC 826, RFC 903), inverse ARP (RFC 2390) and ATMARP (RFC 2225), whose addresses come in two parts.

import { HARDWARE_TYPES, OPERATIONS } from "./arp-names.ts";
import type { Dissector } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { hexAndAscii } from "./hexdump.ts";
import { hex4 } from "./numbers.ts";

const FIXED_LENGTH = 8;
const ATM_FIXED_LENGTH = 12;
const REQUEST = 1;
const REPLY = 2;
const REVERSE_REQUEST = 3;
const REVERSE_REPLY = 4;
const INVERSE_REQUEST = 8;
const INVERSE_REPLY = 9;
const ATM_NAK = 10;
const IPV4 = 0x0800;
const TRAIL = 0x1000;
const FRAME_RELAY = 15;
const ATM = 19;

function allZero(d: Dissector, at: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (d.u8(at + index) !== 0) return false;
  return true;
}

function protocolAddress(d: Dissector, type: number, length: number, at: number, wrong: string): string {
  if (type !== IPV4 && type !== TRAIL) return "<wrong proto type>";
  return length === 4 ? d.ipv4(at) : wrong;
}

/** Q.922 addresses of frame relay are told by their DLCI. */
function hardwareAddress(d: Dissector, type: number, at: number, length: number): string {
  if (type === FRAME_RELAY && length > 0) return d.layers.q922Address(d, at, length);
  return d.linkAddress(at, length);
}

export function arp(d: Dissector, at: number, length: number, captured: number): void {
  d.protocol = "arp";
  d.check(at, FIXED_LENGTH);
  const hardwareType = d.u16(at);
  const type = d.u16(at + 2);
  const operation = d.u16(at + 6);
  if (hardwareType === ATM) {
    atmArp(d, at, length, captured);
    return;
  }
  const hardwareLength = d.u8(at + 4);
  const protocolLength = d.u8(at + 5);
  const sender = at + FIXED_LENGTH;
  const senderProtocol = sender + hardwareLength;
  const target = senderProtocol + protocolLength;
  const targetProtocol = target + hardwareLength;
  d.check(targetProtocol, protocolLength);
  if (!d.linkHeaders) d.text += "ARP, ";
  if ((type !== IPV4 && type !== TRAIL) || protocolLength !== 4 || hardwareLength === 0 || d.verbose > 0) {
    d.text += `${HARDWARE_TYPES.get(hardwareType) ?? `Unknown Hardware (${hardwareType})`} (len ${hardwareLength}), `;
    d.text += `${ETHERTYPES.get(type) ?? `Unknown Protocol (0x${hex4(type)})`} (len ${protocolLength})`;
    if (d.verbose === 0) {
      d.text += `, length ${length}`;
      return;
    }
  }
  d.text += `${d.verbose > 0 ? ", " : ""}${OPERATIONS.get(operation) ?? `Unknown (${operation})`} `;
  const ip = (place: number): string => protocolAddress(d, type, protocolLength, place, "<wrong len>");
  const mac = (place: number): string => hardwareAddress(d, hardwareType, place, hardwareLength);
  switch (operation) {
    case REQUEST:
      d.text += `who-has ${ip(targetProtocol)}`;
      if (!allZero(d, target, hardwareLength)) d.text += ` (${mac(target)})`;
      d.text += ` tell ${ip(senderProtocol)}`;
      break;
    case REPLY:
      d.text += `${ip(senderProtocol)} is-at ${mac(sender)}`;
      break;
    case REVERSE_REQUEST:
    case INVERSE_REQUEST:
      d.text += `who-is ${mac(target)} tell ${mac(sender)}`;
      break;
    case REVERSE_REPLY:
      d.text += `${mac(target)} at ${ip(targetProtocol)}`;
      break;
    case INVERSE_REPLY:
      d.text += `${mac(sender)} at ${ip(senderProtocol)}`;
      break;
    default:
      hexAndAscii(d, "\n\t", at, captured);
      return;
  }
  d.text += `, length ${length}`;
}

function atmAddress(d: Dissector, at: number, length: number, subaddress: number): string {
  if (length === 0) return "<No address>";
  const number = d.hexBytes(at, length, ":");
  return subaddress === 0 ? number : `${number},${d.hexBytes(at + length, subaddress, ":")}`;
}

function atmArp(d: Dissector, at: number, length: number, captured: number): void {
  d.check(at, ATM_FIXED_LENGTH);
  const LENGTH_MASK = 0x3f;
  const type = d.u16(at + 2);
  const operation = d.u16(at + 6);
  const senderLength = d.u8(at + 4) & LENGTH_MASK;
  const senderSub = d.u8(at + 5) & LENGTH_MASK;
  const senderProtocolLength = d.u8(at + 8);
  const targetLength = d.u8(at + 9) & LENGTH_MASK;
  const targetSub = d.u8(at + 10) & LENGTH_MASK;
  const targetProtocolLength = d.u8(at + 11);
  const sender = at + ATM_FIXED_LENGTH;
  const senderProtocol = sender + senderLength + senderSub;
  const target = senderProtocol + senderProtocolLength;
  const targetProtocol = target + targetLength + targetSub;
  d.check(targetProtocol, targetProtocolLength);
  if (!d.linkHeaders) d.text += "ARP, ";
  const usual = (type === IPV4 || type === TRAIL) && senderProtocolLength === 4 && targetProtocolLength === 4;
  if (!usual || d.verbose > 0) {
    d.text += `${HARDWARE_TYPES.get(ATM)}, ${ETHERTYPES.get(type) ?? `Unknown Protocol (0x${hex4(type)})`}`;
    d.text += ` (len ${senderProtocolLength}/${targetProtocolLength})`;
    if (d.verbose === 0) {
      d.text += `, length ${length}`;
      return;
    }
  }
  d.text += `${d.verbose > 0 ? ", " : ""}${OPERATIONS.get(operation) ?? `Unknown (${operation})`} `;
  const senderIp = (): string =>
    protocolAddress(d, type, senderProtocolLength, senderProtocol, "<wrong splen>");
  const targetIp = (): string =>
    protocolAddress(d, type, targetProtocolLength, targetProtocol, "<wrong tplen>");
  const senderAtm = (): string => atmAddress(d, sender, senderLength, senderSub);
  const targetAtm = (): string => atmAddress(d, target, targetLength, targetSub);
  switch (operation) {
    case REQUEST:
      d.text += `who-has ${targetIp()}`;
      if (targetLength !== 0) d.text += ` (${targetAtm()})`;
      d.text += ` tell ${senderIp()}`;
      break;
    case REPLY:
      d.text += `${senderIp()} is-at ${senderAtm()}`;
      break;
    case INVERSE_REQUEST:
      d.text += `who-is ${targetAtm()} tell ${senderAtm()}`;
      break;
    case INVERSE_REPLY:
      d.text += `${senderAtm()}at ${senderIp()}`;
      break;
    case ATM_NAK:
      d.text += `for ${senderIp()}`;
      break;
    default:
      hexAndAscii(d, "\n\t", at, captured);
      return;
  }
  d.text += `, length ${length}`;
}
