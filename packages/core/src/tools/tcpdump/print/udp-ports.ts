// What UDP carries, by port, or by -T. The first entry of the table that knows one of the two ports wins, as in tcpdump.

import type { Dissector } from "./dissector.ts";
import { rx } from "./afs/rx.ts";
import { ahcp } from "./ahcp.ts";
import { aodv } from "./aodv.ts";
import { LAP_DDP, localTalkFrame } from "./appletalk.ts";
import { kerberos, timeDaemon } from "./berkeley.ts";
import { babel } from "./babel.ts";
import { bfd } from "./bfd.ts";
import { bootp } from "./bootp.ts";
import { broadcomLi } from "./broadcom-li.ts";
import { dhcp6 } from "./dhcp6.ts";
import { domain } from "./domain.ts";
import { geneve } from "./geneve.ts";
import { hncp } from "./hncp/hncp.ts";
import { hsrp } from "./hsrp.ts";
import { ldp } from "./ldp/ldp.ts";
import { autoRp } from "./pim/pimv1.ts";
import { isakmp, isakmpBehindNat } from "./isakmp/isakmp.ts";
import { l2tp } from "./l2tp.ts";
import { lmp } from "./lmp/lmp.ts";
import { lspPing } from "./lsp-ping.ts";
import { lwappControl, lwappData } from "./lwapp.ts";
import { lwres } from "./lwres.ts";
import { netflow } from "./netflow.ts";
import { rpc } from "./nfs/nfs.ts";
import { lisp } from "./lisp.ts";
import { ntp } from "./ntp.ts";
import { olsr } from "./olsr.ts";
import type { PacketType } from "./options.ts";
import { pgm } from "./pgm.ts";
import { ptp } from "./ptp.ts";
import { radius } from "./radius.ts";
import { rtcp, rtp, vat } from "./real-time.ts";
import { rip, ripng } from "./rip.ts";
import { sflow } from "./sflow.ts";
import { snmp } from "./snmp.ts";
import { someIp } from "./some-ip.ts";
import { syslog } from "./syslog.ts";
import { otv } from "./short-protocols.ts";
import { sip } from "./text-protocols.ts";
import { tftp } from "./tftp.ts";
import { vqp } from "./vqp.ts";
import { vxlan, vxlanGpe } from "./vxlan.ts";
import { whiteboard } from "./whiteboard.ts";
import { zep } from "./zep.ts";
import { zephyr } from "./zephyr.ts";

/** What a printer gets besides the place of the payload. */
export interface Datagram {
  readonly from: number;
  readonly to: number;
  /** Offset of the IP header. */
  readonly header: number;
  readonly fragmented: boolean;
  readonly ttl: number;
}

type Printer = (d: Dissector, at: number, length: number, datagram: Datagram) => void;

const aodvByVersion: Printer = (d, at, length, { header }) =>
  aodv(d, at, length, d.u8(header) >>> 4 === 6 ? 6 : 4);

const AFS_PORTS: readonly number[] = Array.from({ length: 10 }, (_, index) => 7000 + index);
const linkStateRouting: Printer = (d, at, length, { header }) =>
  olsr(d, at, length, d.u8(header) >>> 4 === 6 ? 6 : 4);
const behindNat: Printer = (d, at, length, { header, fragmented, ttl }) =>
  isakmpBehindNat(d, at, length, { version: d.u8(header) >>> 4, fragmented, ttl, header });
const keyExchange: Printer = (d, at, length, { header }) => isakmp(d, at, length, header);

type Row = readonly [ports: readonly number[], print: Printer, only?: "to" | "from"];

/** Ports in the order in which they are tried; "to" or "from": only as the destination or the source. */
const TABLE: readonly Row[] = [
  [[53], (d, at, length) => domain(d, at, length, false, false)],
  [[5353], (d, at, length) => domain(d, at, length, false, true)],
  [[525], timeDaemon],
  [[69], tftp],
  [[67, 68], bootp],
  [[520], rip],
  [[654], aodvByVersion],
  [[500], keyExchange],
  [[4500], behindNat],
  [[7500, 8500], keyExchange],
  [[161, 162], snmp],
  [[123], ntp],
  [[88, 750], kerberos],
  [[1701], l2tp],
  [[3456], vat, "to"],
  [[2103, 2104], zephyr],
  [AFS_PORTS, (d, at, length, { from, to, header }) => rx(d, at, length, from, to, header)],
  [[521], ripng],
  [[546, 547], dhcp6],
  [[5359], ahcp],
  [[6696, 6697], babel],
  [[8231], hncp],
  [[496], autoRp],
  [[4567], whiteboard, "to"],
  [[1645, 1646, 1812, 1813, 1700, 3799], radius],
  [[1985], (d, at, length) => hsrp(d, at, length), "to"],
  [[921], lwres],
  [[646], ldp],
  [[698], linkStateRouting],
  [[3503], lspPing],
  [[49152], broadcomLi, "from"],
  [[3784, 3785, 4784, 6784], (d, at, length, { to }) => bfd(d, at, length, to), "to"],
  [[701], lmp],
  [[1589], vqp],
  [[6343], sflow],
  [[12223], (d, at, length) => lwappControl(d, at, length, true), "to"],
  [[12223], (d, at, length) => lwappControl(d, at, length, false), "from"],
  [[12222], lwappData],
  [[5060], sip],
  [[514], syslog],
  [[8472], otv],
  [[4789], vxlan],
  [[6081], geneve],
  [[4342], lisp],
  [[4790], vxlanGpe],
  [[17754], zep],
  [[6635], (d, at, length) => d.layers.mpls(d, at, length)],
];

/** What is tried after AppleTalk. */
const LAST: readonly Row[] = [
  [[319, 320], ptp],
  [[30490], someIp],
];

interface Entry {
  readonly rank: number;
  readonly print: Printer;
}

/** Finds the first row that knows one of two ports. */
class Ports {
  readonly #bySource = new Map<number, Entry>();
  readonly #byDestination = new Map<number, Entry>();

  constructor(rows: readonly Row[]) {
    for (const [rank, [ports, print, only]] of rows.entries()) {
      for (const port of ports) {
        if (only !== "from" && !this.#byDestination.has(port)) this.#byDestination.set(port, { rank, print });
        if (only !== "to" && !this.#bySource.has(port)) this.#bySource.set(port, { rank, print });
      }
    }
  }

  printer(from: number, to: number): Printer | undefined {
    const source = this.#bySource.get(from);
    const destination = this.#byDestination.get(to);
    const isLater = source !== undefined && destination !== undefined && destination.rank < source.rank;
    return (isLater ? destination : (source ?? destination))?.print;
  }
}

const PORTS = new Ports(TABLE);
const LAST_PORTS = new Ports(LAST);

const APPLETALK_PORTS = [200, 768, 16_512] as const;

function isAppleTalk(port: number): boolean {
  return APPLETALK_PORTS.some((first) => port >= first && port < first + 128);
}

/** AppleTalk in UDP, by the ports and the type in its LocalTalk header. */
const appleTalk: Printer = (d, at, length) => {
  if (d.verbose > 0) d.text += "kip ";
  localTalkFrame(d, at, length);
};

/** Prints the payload by its ports; false if nobody knows them. */
export function udpPayload(d: Dissector, at: number, length: number, datagram: Datagram): boolean {
  const { from, to } = datagram;
  let print = PORTS.printer(from, to);
  if (
    print === undefined &&
    (isAppleTalk(from) || isAppleTalk(to)) &&
    d.has(at + 2, 1) &&
    d.u8(at + 2) === LAP_DDP
  ) {
    print = appleTalk;
  }
  print ??= LAST_PORTS.printer(from, to);
  print?.(d, at, length, datagram);
  return print !== undefined;
}

/** Printers of -T. */
const BY_TYPE: Partial<Record<PacketType, Printer>> = {
  aodv: aodvByVersion,
  cnfp: netflow,
  domain: (d, at, length) => domain(d, at, length, false, false),
  lmp,
  pgm: (d, at, length, { header }) => pgm(d, at, length, header),
  pgm_zmtp1: (d, at, length, { header }) => pgm(d, at, length, header),
  ptp,
  radius,
  rpc: (d, at, length, { header }) => rpc(d, at, length, header),
  rtcp,
  rtp,
  snmp,
  someip: someIp,
  tftp,
  vat,
  vxlan,
  wb: whiteboard,
};

/** Prints the payload as -T says. `endpoints` prints addresses and ports. */
export function udpPayloadByType(
  d: Dissector,
  type: PacketType,
  at: number,
  length: number,
  datagram: Datagram,
  endpoints: () => void,
): void {
  const print = BY_TYPE[type];
  // Types that UDP does not carry leave nothing to be printed.
  if (print === undefined) return;
  // RPC prints them with its own ids for ports.
  if (type !== "rpc") endpoints();
  print(d, at, length, datagram);
}
