// Captures of Juniper's routers (DLT_JUNIPER_*): by interface card, what follows the header.

import { oamCell } from "../atm-oam.ts";
import { NO_ADDRESS } from "../dissector.ts";
import type { Dissector } from "../dissector.ts";
import type { LinkPrinter } from "../link-types.ts";
import { multilinkFrameRelay } from "../multilink-frame-relay.ts";
import { hex2, hex4 } from "../numbers.ts";
import { guessIp, juniperHeader } from "./header.ts";
import type { Card, JuniperHeader } from "./header.ts";

/** Returns bytes of headers beside the card's own. */
type Payload = (d: Dissector, at: number, header: JuniperHeader) => number | undefined;

function link(card: Card, protocol: string, payload: Payload): LinkPrinter {
  return (d, at, length, captured) => {
    d.protocol = `juniper_${protocol}`;
    const header = juniperHeader(d, at, length, captured, card);
    if (typeof header === "number") return header;
    return header.size + (payload(d, at + header.size, header) ?? 0);
  };
}

const [LSQ_IPV4, LSQ_IPV6, LSQ_MPLS, LSQ_OSI] = [0x00, 0x10, 0x20, 0x30] as const;

/** What a link services queue says about the packet. False if it is nothing known. */
function queueProtocol(
  d: Dissector,
  at: number,
  { protocol, length, cookie }: JuniperHeader,
  ppp: boolean,
): boolean {
  if (protocol === LSQ_IPV4) {
    // IS-IS over PPP comes in like this: IP to the routing engine has no cookie.
    if (ppp && cookie[4] === 0x0c) d.layers.ppp(d, at, length);
    else d.layers.ipv4(d, at, length);
  } else if (protocol === LSQ_IPV6) d.layers.ipv6(d, at, length);
  else if (protocol === LSQ_MPLS) d.layers.mpls(d, at, length);
  else if (protocol === LSQ_OSI) d.layers.osi(d, at, length);
  else return false;
  return true;
}

function word(cookie: Uint8Array): number {
  return ((cookie[0] ?? 0) << 8) | (cookie[1] ?? 0);
}

function longWord(cookie: Uint8Array): number {
  return word(cookie) * 0x1_0000 + word(cookie.subarray(2));
}

const GGSN_PROTOCOLS: Readonly<Record<number, string>> = { 1: "Null", 2: "IPv4", 6: "IPv6" };

function ggsn(d: Dissector, at: number, { cookie, length }: JuniperHeader): undefined {
  const protocol = cookie[2] ?? 0;
  if (d.linkHeaders) {
    d.text += `proto ${GGSN_PROTOCOLS[protocol] ?? "Unknown"} (${protocol}), vlan ${word(cookie.subarray(4))}: `;
  }
  if (protocol === 2) d.layers.ipv4(d, at, length);
  else if (protocol === 6) d.layers.ipv6(d, at, length);
  else if (!d.linkHeaders) d.text += `unknown GGSN proto (${protocol})`;
}

const ENCRYPTION_TYPES: Readonly<Record<number, string>> = {
  1: "ESP ENCR-AUTH",
  2: "ESP ENCR-AH AUTH",
  3: "ESP AUTH",
  4: "AH AUTH",
  5: "ESP ENCR",
};

function encryption(d: Dissector, at: number, header: JuniperHeader): undefined {
  d.check(at, 16);
  const type = d.u8(at + 3);
  const name = ENCRYPTION_TYPES[type];
  if (name === undefined) {
    d.text += `ES Invalid type ${type}, length ${header.length}`;
    return;
  }
  /** A tunnel's header stands in front of the packet; a bundle has none. */
  const tunnel = type > 2;
  const skipped = tunnel ? 16 : 0;
  const length = header.length - skipped;
  if (d.linkHeaders) {
    d.text += `ES SA, index ${d.u16(at)}, ttl ${d.u8(at + 2)} type ${name} (${type})`;
    if (tunnel) d.text += `, spi ${d.u32(at + 4)}, Tunnel ${d.ipv4(at + 8)} > ${d.ipv4(at + 12)}`;
    d.text += `, length ${length}\n`;
  }
  d.layers.ipv4(d, at + skipped, length);
}

function monitor(d: Dissector, at: number, { length }: JuniperHeader): undefined {
  d.check(at, 8);
  if (d.linkHeaders) d.text += `service-id ${d.u32(at + 4)}, iif ${d.u16(at + 2)}, pkt-type ${d.u8(at)}: `;
  guessIp(d, at, length);
}

function services(d: Dissector, at: number, { length }: JuniperHeader): undefined {
  d.check(at, 8);
  if (d.linkHeaders) {
    d.text += `service-id ${d.u8(at)} flags 0x${hex2(d.u8(at + 1))} service-set-id 0x${hex4(d.u16(at + 2))}`;
    d.text += ` iif ${d.u24(at + 5)}: `;
  }
  guessIp(d, at, length);
}

function pppoeOverAtm(d: Dissector, at: number, { length, captured }: JuniperHeader): undefined {
  const type = d.u16(at);
  if (!d.layers.ethertype(d, type, at + 2, length - 2, captured - 2, NO_ADDRESS, NO_ADDRESS)) {
    d.text += `unknown ethertype 0x${hex4(type)}`;
  }
}

const [PPP_OSI, PPP_ADDRESS_CONTROL] = [0x0023, 0xff03] as const;

function multilinkPpp(d: Dissector, at: number, header: JuniperHeader): undefined {
  const first = word(header.cookie);
  // On a child link there is no bundle, and the cookie looks like a protocol.
  if (d.linkHeaders && first !== PPP_OSI && first !== PPP_ADDRESS_CONTROL)
    d.text += `Bundle-ID ${header.bundle}: `;
  if (queueProtocol(d, at, header, true)) return;
  if (first === PPP_OSI) d.layers.ppp(d, at - 2, header.length + 2);
  else d.layers.ppp(d, at, header.length);
}

/** UI in front of Q.933, IPv4 and IPv6. */
const NLPID_PROTOCOLS: ReadonlySet<number> = new Set([0x0308, 0x03cc, 0x038e]);
const ADAPTIVE_COOKIE = 8;

function multilinkFr(
  d: Dissector,
  at: number,
  header: JuniperHeader,
  osi: (protocol: number) => boolean,
): void {
  if (d.linkHeaders && longWord(header.cookie) !== 1) d.text += `Bundle-ID ${header.bundle}, `;
  if (osi(header.protocol)) return;
  if (NLPID_PROTOCOLS.has(header.protocol)) d.layers.osi(d, at - 1, header.length + 1);
  else d.text += `unknown protocol 0x${hex4(header.protocol)}, length ${header.length}`;
}

function unionFr(d: Dissector, at: number, header: JuniperHeader): undefined {
  if (header.cookieLength === 0) {
    multilinkFrameRelay(d, at, header.length);
    return;
  }
  if (header.cookieLength === ADAPTIVE_COOKIE) {
    queueProtocol(d, at, header, false);
    return;
  }
  multilinkFr(d, at, header, (protocol) => {
    if (protocol !== 0xfefe) return false;
    d.check(at, 1);
    d.layers.osi(d, at + 1, header.length - 1);
    return true;
  });
}

function bundleFr(d: Dissector, at: number, header: JuniperHeader): undefined {
  multilinkFr(d, at, header, (protocol) => {
    if (protocol !== 0x0003 && protocol !== 0x0300) return false;
    d.layers.osi(d, at, header.length);
    return true;
  });
}

/** LLC of OSI or SNAP. True if it was, and was known. */
function atmLlc(d: Dissector, at: number, { length, captured }: JuniperHeader): boolean {
  const first = d.u24(at);
  if (first !== 0xfefe03 && first !== 0xaaaa03) return false;
  return d.layers.llc(d, at, length, captured, NO_ADDRESS, NO_ADDRESS) > 0;
}

function ciscoNlpid(d: Dissector, at: number, { length }: JuniperHeader): boolean {
  if (d.u8(at) !== 0x03) return false;
  d.layers.osi(d, at + 1, length - 1);
  return true;
}

function atm1(d: Dissector, at: number, header: JuniperHeader): undefined {
  if (header.cookie[0] === 0x80) oamCell(d, at, header.length, 0);
  else if (!atmLlc(d, at, header) && !ciscoNlpid(d, at, header)) guessIp(d, at, header.length);
}

const PPP_PROTOCOLS: ReadonlySet<number> = new Set([
  0x0021, 0x0023, 0x0281, 0x0283, 0x8021, 0x8023, 0x8281, 0xc021, 0xc023, 0xc223, 0x003d, 0x0057, 0x8057,
]);

function atm2(d: Dissector, at: number, header: JuniperHeader): undefined {
  const { cookie, length, captured, incoming } = header;
  if (((cookie[7] ?? 0) & 0x70) !== 0) return void oamCell(d, at, length, 0) as undefined;
  if (atmLlc(d, at, header)) return;
  if (!incoming && ((cookie[3] ?? 0) & 0x3f) !== 0) {
    d.layers.ethernet(d, at, length, captured);
    return;
  }
  if (ciscoNlpid(d, at, header)) return;
  if (PPP_PROTOCOLS.has(d.u16(at))) d.layers.ppp(d, at, length);
  else guessIp(d, at, length);
}

const plain =
  (print: (d: Dissector, at: number, length: number, captured: number) => unknown): Payload =>
  (d, at, { length, captured }) => {
    print(d, at, length, captured);
    return undefined;
  };

/** By number of the link type. */
export const JUNIPER_LINKS: readonly (readonly [number, LinkPrinter])[] = [
  [130, link("MLPPP", "mlppp", multilinkPpp)],
  [131, link("MLFR", "mlfr", bundleFr)],
  [132, link("ES", "es", encryption)],
  [133, link("GGSN", "ggsn", ggsn)],
  [134, link("MFR", "mfr", unionFr)],
  [135, link("ATM2", "atm2", atm2)],
  [136, link("AS", "services", services)],
  [137, link("ATM1", "atm1", atm1)],
  [164, link("MONITOR", "monitor", monitor)],
  [
    167,
    link(
      "PPPoE",
      "pppoe",
      plain((d, at, length, captured) => d.layers.ethernet(d, at, length, captured)),
    ),
  ],
  [168, link("PPPoE ATM", "pppoe_atm", pppoeOverAtm)],
  [178, link("ETHER", "ether", (d, at, { length, captured }) => d.layers.ethernet(d, at, length, captured))],
  [
    179,
    link(
      "PPP",
      "ppp",
      plain((d, at, length) => d.layers.ppp(d, at, length)),
    ),
  ],
  [
    180,
    link(
      "FRELAY",
      "frelay",
      plain((d, at, length) => d.layers.frameRelay(d, at, length)),
    ),
  ],
  [
    181,
    link(
      "CHDLC",
      "chdlc",
      plain((d, at, length) => d.layers.chdlc(d, at, length)),
    ),
  ],
];
