// PKTAP of Apple (LINKTYPE_PKTAP): a header that tells the interface and its link type, and the packet.

import { linkTypeName } from "../../../wire/link-types.ts";
import type { Dissector } from "./dissector.ts";
import { defaultPrint } from "./ethernet.ts";
import type { LinkPrinter } from "./link-types.ts";

const HEADER_LENGTH = 108;
const [NOTHING, PACKET] = [0, 1] as const;

export function pktap(printer: (linkType: number) => LinkPrinter | undefined): LinkPrinter {
  return (d, at, length, captured) => {
    d.protocol = "pktap";
    const reject = (fault: string): number => {
      d.text += ` (${fault})`;
      d.invalid();
      return 0;
    };
    if (length < HEADER_LENGTH) return reject(`packet too short, ${length} < ${HEADER_LENGTH}`);
    const linkType = d.u32le(at + 8);
    const header = d.u32le(at);
    if (header < HEADER_LENGTH) return reject(`pkt_len too small, ${header} < ${HEADER_LENGTH}`);
    if (header > length) return reject(`pkt_len too big, ${header} > ${length}`);
    d.check(at, header);
    if (d.linkHeaders) describe(d, linkType, header, length);
    const record = d.u32le(at + 4);
    if (record === NOTHING) d.text += "no data";
    if (record !== PACKET) return header;
    const print = printer(linkType);
    // tcpdump counts the header of the packet's own link layer twice.
    if (print !== undefined) return header + 2 * print(d, at + header, length - header, captured - header);
    if (!d.linkHeaders) describe(d, linkType, header, length);
    defaultPrint(d, at + header, captured - header);
    return header;
  };
}

function describe(d: Dissector, linkType: number, header: number, length: number): void {
  const name = linkTypeName(linkType)?.name ?? "UNKNOWN";
  d.text += d.quiet > 0 ? name : `DLT ${name} (${linkType}) len ${header}`;
  d.text += `, length ${length}: `;
}
