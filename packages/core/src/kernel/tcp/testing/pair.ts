// Two hosts on a wire that speak TCP, and what is seen on it, for tests.

import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { ipv4HeaderLength, ipv4Protocol } from "../../../wire/ipv4.ts";
import { decodeTcp, TcpFlag } from "../../../wire/tcp.ts";
import type { TcpSegment } from "../../../wire/tcp.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import type { StreamListener, StreamOptions, StreamSocket } from "../../../system/stream-sockets.ts";
import { keptSysctls } from "../../ipv4/kept-sysctls.ts";
import type { Netns } from "../../netns.ts";
import type { Packet } from "../../packet.ts";
import { at, Wire } from "../../sockets/testing/hosts.ts";
import type { Host } from "../../sockets/testing/hosts.ts";
import { connectTcp, listenTcp } from "../streams.ts";

const ETHERNET_HEADER = 14;
const ETHERTYPE_IPV4 = 0x0800;
const NAMES = ["FIN", "SYN", "RST", "PSH", "ACK"] as const;

/** A segment on the wire: who sent it (number of the host), and when (ns). */
export interface SeenSegment extends TcpSegment {
  readonly from: number;
  readonly at: number;
}

/** "SYN ACK", "PSH ACK 5": flags and bytes. */
export function summary({ flags, payload }: TcpSegment): string {
  const words = NAMES.filter((name) => (flags & TcpFlag[name]) !== 0).join(" ");
  return payload.length > 0 ? `${words} ${payload.length}` : words;
}

export class Pair {
  readonly wire = new Wire();
  readonly client: Host = this.wire.host(1);
  readonly server: Host = this.wire.host(2);
  /** All segments, lost ones too. */
  readonly seen: SeenSegment[] = [];
  /** Numbers (from 1) of the segments with data that are lost, as they are sent. */
  loses: (segment: SeenSegment) => boolean = () => false;

  constructor() {
    this.wire.loses = (packet) => this.#watch(packet);
  }

  #watch(packet: Packet): boolean {
    const { bytes, start, end } = packet;
    const network = start + ETHERNET_HEADER;
    if ((((bytes[start + 12] ?? 0) << 8) | (bytes[start + 13] ?? 0)) !== ETHERTYPE_IPV4) return false;
    if (ipv4Protocol(bytes, network) !== IpProtocol.TCP) return false;
    const segment = decodeTcp(bytes.slice(0, end), network + ipv4HeaderLength(bytes, network), end);
    if (isMalformed(segment)) throw new Error("a segment cannot be read");
    const from = bytes[network + 15] ?? 0;
    const one = { ...segment, from, at: this.wire.kernel.clock.now };
    this.seen.push(one);
    return this.loses(one);
  }

  /** What was seen since the last call: "1 SYN", "2 SYN ACK", ... */
  take(): string[] {
    return this.seen.splice(0).map((segment) => `${segment.from} ${summary(segment)}`);
  }

  listen(port: number, options: StreamOptions = {}): StreamListener {
    const address = { family: "inet" as const, ...at("0.0.0.0", port) };
    return listenTcp(
      this.server.netns,
      address,
      options,
      () => this.wire.settle(),
      () => {},
    );
  }

  connect(port: number, options: StreamOptions = {}): StreamSocket {
    const address = { family: "inet" as const, ...at("10.0.0.2", port) };
    return connectTcp(this.client.netns, address, options, () => this.wire.settle());
  }

  /** Both ends of a connection that is there. */
  open(
    options: StreamOptions = {},
    ofListener = options,
  ): readonly [client: StreamSocket, server: StreamSocket] {
    const listener = this.listen(80, ofListener);
    const client = this.connect(80, options);
    this.wire.pass(0.01);
    const server = listener.accept();
    if (server === undefined) throw new Error("nobody has connected");
    listener.close();
    this.take();
    return [client, server];
  }

  /** Sets net.ipv4.NAME. */
  set({ netns }: { readonly netns: Netns }, name: string, value: string): void {
    keptSysctls(netns.kernel).value(netns, name, `net/ipv4/${name}`)?.write?.(value);
  }
}

/** All that can be read now. */
export function readAll({ input }: StreamSocket): string {
  let text = "";
  for (;;) {
    const bytes = input.read();
    if (bytes === undefined || bytes === null) return text;
    text += new TextDecoder().decode(bytes);
  }
}
