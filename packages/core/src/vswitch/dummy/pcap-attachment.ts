// Files that frames of a dummy are written to (options pcap, rxq_pcap, tx_pcap), in the format of libpcap.

import { PCAP_HEADER_LENGTH, pcapPacketLength, writePcapHeader, writePcapPacket } from "../../wire/pcap.ts";
import type { DummyAttachment } from "./dummy-netdev.ts";

const ETHERNET = 1; // LINKTYPE_ETHERNET
/** What the original writes, though frames may be longer. */
const SNAPLEN = 1518;

export interface PcapHost {
  /** Since the epoch, microseconds. */
  realtime(): number;
  /** Undefined if there is no such file. */
  readFile(path: string): Uint8Array | undefined;
  /** Makes the file if need be. */
  openAppending(path: string): { append(bytes: Uint8Array): void };
}

export class PcapAttachment implements DummyAttachment {
  readonly #host: PcapHost;
  readonly #path: string;
  #file: { append(bytes: Uint8Array): void };
  readonly #which: "sent" | "received" | "both";

  /** An existing file is continued. */
  constructor(host: PcapHost, path: string, which: "sent" | "received" | "both") {
    this.#host = host;
    this.#path = path;
    this.#which = which;
    this.#file = host.openAppending(path);
    this.reopen();
  }

  /** As each configuration does: a file that has been removed or emptied begins anew. */
  reopen(): void {
    const there = this.#host.readFile(this.#path);
    if (there === undefined) this.#file = this.#host.openAppending(this.#path);
    if (there !== undefined && there.length > 0) return;
    const header = new Uint8Array(PCAP_HEADER_LENGTH);
    writePcapHeader({ resolution: "microseconds", linkType: ETHERNET, snapLength: SNAPLEN }, header, 0);
    this.#file.append(header);
  }

  sent(frame: Uint8Array): void {
    if (this.#which !== "received") this.#write(frame);
  }

  received(frame: Uint8Array): void {
    if (this.#which !== "sent") this.#write(frame);
  }

  #write(frame: Uint8Array): void {
    const now = this.#host.realtime();
    const seconds = Math.floor(now / 1e6);
    const packet = {
      time: { seconds, nanoseconds: (now - seconds * 1e6) * 1000 },
      bytes: frame,
      originalLength: frame.length,
    };
    const bytes = new Uint8Array(pcapPacketLength(packet));
    writePcapPacket(packet, "microseconds", bytes, 0);
    this.#file.append(bytes);
  }

  close(): void {}
}
