// The printers that call each other in circles, tied together.

import type { Layers } from "./dissector.ts";
import { appletalk } from "./appletalk.ts";
import { atmLlc } from "./atm.ts";
import { cdp } from "./cdp.ts";
import { chdlc } from "./chdlc.ts";
import { dhcp6 } from "./dhcp6.ts";
import { dtp } from "./dtp.ts";
import { dvmrp } from "./dvmrp.ts";
import { frameRelay } from "./frame-relay.ts";
import { pimv1 } from "./pim/pimv1.ts";
import { vtp } from "./vtp.ts";
import { dnsName } from "./dns-name.ts";
import { eap } from "./eap.ts";
import { ethernet } from "./ethernet.ts";
import { ethertype } from "./ethertype.ts";
import { ipPayload } from "./ip-payload.ts";
import { ipv4 } from "./ipv4.ts";
import { ipv6 } from "./ipv6.ts";
import { gre } from "./gre.ts";
import { ipx } from "./ipx.ts";
import { llc, snap } from "./llc.ts";
import { mpls } from "./mpls.ts";
import { osi } from "./osi/osi.ts";
import { nsh } from "./nsh.ts";
import { ppp } from "./ppp.ts";
import { pppoe } from "./pppoe.ts";
import { q922Address } from "./q922.ts";
import { q933 } from "./q933.ts";
import { stp } from "./stp.ts";
import { tcp } from "./tcp.ts";
import { udld } from "./udld.ts";
import { udp } from "./udp.ts";
import type { Dissector } from "./dissector.ts";

const CISCO: ReadonlyMap<number, (d: Dissector, at: number, length: number) => void> = new Map([
  [0x2000, cdp],
  [0x2003, vtp],
  [0x2004, dtp],
  [0x0111, udld],
  [0x010b, stp],
  [0x010c, stp],
]);

export const ALL_LAYERS: Layers = {
  ethernet,
  ethertype,
  llc,
  snap,
  ipv4,
  ipv6,
  ipPayload,
  udp,
  tcp,
  appletalk,
  dvmrp,
  pimv1,
  eap,
  dhcp6,
  domainName: dnsName,
  ppp,
  pppoe,
  mpls,
  gre,
  osi,
  q933,
  frameRelay,
  atmLlc,
  chdlc,
  nsh,
  stp,
  ipx,
  cisco: (pid) => CISCO.get(pid),
  q922Address,
};
