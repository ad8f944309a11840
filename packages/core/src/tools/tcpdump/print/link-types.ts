// Printers by link type (the DLT_ numbers of libpcap).

import { localTalk } from "./appletalk.ts";
import { arcnet, arcnetLinux } from "./arcnet.ts";
import { atmLink, sunAtm } from "./atm.ts";
import { broadcomTag, broadcomTagInFront } from "./broadcom-tag.ts";
import { chdlc } from "./chdlc.ts";
import type { Dissector } from "./dissector.ts";
import { ethernet } from "./ethernet.ts";
import { fddi, fibreChannel } from "./fddi.ts";
import { frameRelayLink } from "./frame-relay.ts";
import { JUNIPER_LINKS } from "./juniper/juniper.ts";
import { linuxCooked, linuxCooked2 } from "./linux-cooked.ts";
import { marvell, marvellTyped } from "./marvell.ts";
import { multilinkFrameRelayLink } from "./multilink-frame-relay.ts";
import { nullLoopback } from "./null-loopback.ts";
import { ipVersionByFirstByte } from "./ipv4.ts";
import { nflog } from "./nflog.ts";
import { enc, pflog } from "./packet-filter.ts";
import { pktap } from "./pktap.ts";
import { pppHdlcLink, pppLink } from "./ppp.ts";
import { pppoe } from "./pppoe.ts";
import { slip, slipBsdOs } from "./slip.ts";
import { tokenRing } from "./token-ring.ts";
import {
  bluetooth,
  classicalIp,
  firewire,
  infiniband,
  ipnet,
  netAnalyzer,
  netAnalyzerTransparent,
  perPacketInformation,
  symantec,
} from "./typed-links.ts";
import { usb, usbMapped } from "./usb.ts";
import { avsLink, prismLink, wirelessLink } from "./wireless/frame.ts";
import { radiotapLink } from "./wireless/radiotap.ts";
import { vsock } from "./vsock.ts";
import { wpanLink, wpanTapLink } from "./wpan/frame.ts";

/** Prints a packet that starts with its link-layer header. Returns the length of that header, as -x needs it. */
export type LinkPrinter = (d: Dissector, at: number, length: number, captured: number) => number;

export const EN10MB = 1;
const [RAW, IPV4, IPV6] = [12, 228, 229];

function raw(d: Dissector, at: number, length: number): number {
  d.protocol = "raw";
  if (d.linkHeaders) d.text += "ip: ";
  ipVersionByFirstByte(d, at, length);
  return 0;
}

const PRINTERS: ReadonlyMap<number, LinkPrinter> = new Map<number, LinkPrinter>([
  [EN10MB, (d, at, length, captured) => ethernet(d, at, length, captured)],
  [RAW, raw],
  [IPV4, raw],
  [IPV6, raw],
  [0, nullLoopback],
  [6, tokenRing],
  [7, arcnet],
  [8, slip],
  [9, pppLink],
  [10, fddi],
  [11, atmLink],
  [15, slipBsdOs],
  [16, () => 0], // BSD/OS's PPP is printed on BSD/OS only
  [19, classicalIp],
  [50, pppHdlcLink],
  [51, pppoe],
  [99, symantec],
  [104, chdlc],
  [105, wirelessLink],
  [107, frameRelayLink],
  [112, chdlc],
  [108, nullLoopback],
  [109, enc],
  [113, linuxCooked],
  [114, localTalk],
  [117, pflog],
  [119, prismLink],
  [122, fibreChannel],
  [123, sunAtm],
  [127, radiotapLink],
  [129, arcnetLinux],
  [138, firewire],
  [149, pktap(linkPrinter)], // DLT_USER2, which Apple took first
  [163, avsLink],
  [166, pppLink],
  [182, multilinkFrameRelayLink],
  [192, perPacketInformation(linkPrinter)],
  [195, wpanLink],
  [230, wpanLink],
  [283, wpanTapLink],
  [201, bluetooth],
  [189, usb],
  [220, usbMapped],
  [226, ipnet],
  [239, nflog],
  [240, netAnalyzer],
  [241, netAnalyzerTransparent],
  [242, infiniband],
  [258, pktap(linkPrinter)],
  [271, vsock],
  [276, linuxCooked2],
  [281, broadcomTag],
  [282, broadcomTagInFront],
  [284, marvell],
  [285, marvellTyped],
  ...JUNIPER_LINKS,
]);

/** undefined: only its bytes can be printed. */
export function linkPrinter(linkType: number): LinkPrinter | undefined {
  return PRINTERS.get(linkType);
}
