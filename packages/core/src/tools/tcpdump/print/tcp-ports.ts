// What TCP carries, by port, or by -T. The first entry of the table that knows one of the two ports wins, as in tcpdump.

import type { Dissector } from "./dissector.ts";
import { bgp } from "./bgp/bgp.ts";
import { domain } from "./domain.ts";
import { ldp } from "./ldp/ldp.ts";
import { msdp } from "./msdp.ts";
import { nfs, NFS_PORT } from "./nfs/nfs.ts";
import { openflow } from "./openflow/openflow.ts";
import type { PacketType } from "./options.ts";
import { pptp } from "./pptp.ts";
import { redis } from "./redis.ts";
import { rpki } from "./rpki.ts";
import { beep, ssh } from "./ssh.ts";
import { telnet } from "./telnet.ts";
import { ftp, http, rtsp, smtp, whois } from "./text-protocols.ts";
import { zmtp } from "./zmtp.ts";

const RECORD_MARK = 4;
const LAST_FRAGMENT_MASK = 0x7fff_ffff;

type Printer = (d: Dissector, at: number, length: number, from: number, to: number, header: number) => void;

/** Text protocols stand behind a colon. */
function spaced(
  d: Dissector,
  at: number,
  length: number,
  print: (d: Dissector, at: number, length: number) => void,
): void {
  d.text += ": ";
  print(d, at, length);
}

/** NFS, behind the length of a record (RFC 5531 section 11). */
function nfsRecord(d: Dissector, at: number, length: number, from: number, to: number, header: number): void {
  if (length < RECORD_MARK || !d.has(at, RECORD_MARK)) return;
  const fragment = Math.min(d.u32(at) & LAST_FRAGMENT_MASK, length - RECORD_MARK);
  nfs(d, at + RECORD_MARK, fragment, header, from, to, ": ");
}

/** Ports in the order in which they are tried. */
const TABLE: readonly (readonly [readonly number[], Printer])[] = [
  [[23], telnet],
  [[25], (d, at, length) => spaced(d, at, length, smtp)],
  [[43], (d, at, length) => spaced(d, at, length, whois)],
  [[179], (d, at) => bgp(d, at)],
  [[1723], pptp],
  [[6379], redis],
  [[22], ssh],
  [[10288], beep],
  [[6633, 6653], openflow],
  [[21], (d, at, length) => spaced(d, at, length, ftp)],
  [[80, 8080], (d, at, length) => spaced(d, at, length, http)],
  [[554, 8554], (d, at, length) => spaced(d, at, length, rtsp)],
  [[53], (d, at, length) => domain(d, at, length, true, false)],
  [[639], msdp],
  [[323], rpki],
  [[646], ldp],
  [[NFS_PORT], nfsRecord],
];

const BY_PORT = new Map<number, { readonly rank: number; readonly print: Printer }>();
for (const [rank, [ports, print]] of TABLE.entries()) {
  for (const port of ports) if (!BY_PORT.has(port)) BY_PORT.set(port, { rank, print });
}

/** Printers of -T; with the others nothing is printed. */
const BY_TYPE: Partial<Record<PacketType, Printer>> = {
  domain: (d, at, length) => domain(d, at, length, true, false),
  resp: redis,
  zmtp1: zmtp,
};

export function tcpPayload(
  d: Dissector,
  at: number,
  length: number,
  from: number,
  to: number,
  header: number,
): void {
  const type = d.options.packetType;
  if (type !== undefined) {
    BY_TYPE[type]?.(d, at, length, from, to, header);
    return;
  }
  const source = BY_PORT.get(from);
  const destination = BY_PORT.get(to);
  let entry = source ?? destination;
  if (source !== undefined && destination !== undefined && destination.rank < source.rank)
    entry = destination;
  entry?.print(d, at, length, from, to, header);
}
