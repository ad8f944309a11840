// What an EtherType names.

import { aoe } from "./aoe.ts";
import { aarp } from "./appletalk.ts";
import { arp } from "./arp.ts";
import { cfm } from "./cfm/cfm.ts";
import { decnet } from "./decnet.ts";
import type { Dissector } from "./dissector.ts";
import { ipv4 } from "./ipv4.ts";
import { ipv6 } from "./ipv6.ts";
import { eapol } from "./eap.ts";
import { ipx } from "./ipx.ts";
import { lldp } from "./lldp.ts";
import { loopback } from "./loopback.ts";
import { multipointControl } from "./multipoint.ts";
import { nsh } from "./nsh.ts";
import { ptp } from "./ptp.ts";
import { realtek } from "./realtek.ts";
import { calmFast, geoNetworking } from "./vehicle.ts";
import { ppp } from "./ppp.ts";
import { pppoe } from "./pppoe.ts";
import { loadBalancing } from "./short-protocols.ts";
import { slow } from "./slow.ts";
import { tipc } from "./tipc.ts";

type Printer = (
  d: Dissector,
  at: number,
  length: number,
  captured: number,
  source: number,
  destination: number,
) => void;

const PRINTERS: ReadonlyMap<number, Printer> = new Map<number, Printer>([
  [0x0800, ipv4],
  [0x86dd, ipv6],
  [0x0806, arp],
  [0x8035, arp],
  [0x809b, appletalkInEthernet],
  [0x80f3, aarpInEthernet],
  [0x6003, decnet],
  [0x8808, multipointControl],
  [0x8809, slow],
  [0x88cc, lldp],
  [0x8137, ipxInEthernet],
  [0x8902, cfm],
  [0xabcd, cfm],
  [0x9000, loopback],
  [0x8863, pppoe],
  [0x8864, pppoe],
  [0x3c12, pppoe],
  [0x3c13, pppoe],
  [0x888e, eapol],
  [0x886f, loadBalancing],
  [0x88ca, tipc],
  [0xfefe, osiInEthernet],
  [0x88a2, aoe],
  [0x88f7, ptp],
  [0x894f, nsh],
  [0x8899, realtek],
  [0x1111, (d, at, length, _captured, source) => calmFast(d, at, length, source)],
  [0x8947, (d, at, length, _captured, source) => geoNetworking(d, at, length, source)],
  [0x0707, (d, at, length, _captured, source) => geoNetworking(d, at, length, source)],
  [0x880b, pppInEthernet],
  [0x8847, (d, at, length) => d.layers.mpls(d, at, length)],
  [0x8848, (d, at, length) => d.layers.mpls(d, at, length)],
]);

function ipxInEthernet(d: Dissector, at: number): void {
  d.text += "(NOV-ETHII) ";
  ipx(d, at);
}

function appletalkInEthernet(d: Dissector, at: number, length: number): void {
  if (d.verbose > 0) d.text += "et1 ";
  d.layers.appletalk(d, at, length);
}

function aarpInEthernet(d: Dissector, at: number, length: number): void {
  aarp(d, at, length);
}

/** Behind a byte that nobody explains. */
function osiInEthernet(d: Dissector, at: number, length: number, captured: number): void {
  if (length === 0 || captured === 0) {
    d.protocol = "isoclns";
    d.truncated();
    return;
  }
  d.check(at, 1);
  d.layers.osi(d, at + 1, length - 1);
}

function pppInEthernet(d: Dissector, at: number, length: number): void {
  if (length === 0) return;
  d.text += ": ";
  ppp(d, at, length);
}

/** See `Layers.ethertype`. */
export function ethertype(
  d: Dissector,
  type: number,
  at: number,
  length: number,
  captured: number,
  source: number,
  destination: number,
): boolean {
  const print = PRINTERS.get(type);
  if (print === undefined) return false;
  print(d, at, length, captured, source, destination);
  return true;
}
