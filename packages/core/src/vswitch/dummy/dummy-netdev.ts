// A network device of the daemon's own (Open vSwitch's lib/netdev-dummy.c), for tests: frames are put into it by the control
// socket, and what the switch sends on it is counted and gone, unless it is tied to a file or to another dummy.

import { arpOperation, arpSenderIp, arpTargetIp, isArpForIpv4 } from "../../wire/arp.ts";
import { readU16BE, writeU16BE, writeU32BE } from "../../wire/bytes.ts";
import { ipv4OfIpv6, isV4MappedIpv6 } from "../../wire/ipv6-address.ts";
import { readMac, writeMac } from "../../wire/mac.ts";
import type { MacAddress } from "../../wire/mac.ts";
import type { NetDevice } from "../../kernel/device.ts";
import type { Packet, VportHost, VportReceiver } from "../../kernel/device-vport.ts";
import { lengthOf } from "../datapath/frame-length.ts";
import type { Prefix } from "../native-tunnels/mapped-address.ts";
import type { PortCounters } from "../ofproto/port-counters.ts";

/** Bytes that a frame may have beyond the MTU: the header, and a tag. */
const HEADER_LENGTH = 14;
const TAG_LENGTH = 4;

interface QueueCounters {
  packets: number;
  bytes: number;
}

/** Where frames of a dummy also go, and where others come from. */
export interface DummyAttachment {
  /** A frame that the switch has sent. */
  sent(frame: Uint8Array): void;
  /** A frame that was put into the device. */
  received(frame: Uint8Array): void;
  /** The switch is configured once more. */
  reopen?(): void;
  close(): void;
}

const ARP_LENGTH = 28;
const ARP_REPLY = 2;

/** The answer to who asks for one of the addresses; undefined for any other frame. */
function arpReply(frame: Uint8Array, mac: MacAddress, addresses: readonly Prefix[]): Uint8Array | undefined {
  const end = HEADER_LENGTH + ARP_LENGTH;
  if (addresses.length === 0 || frame.length < end || readU16BE(frame, 12) !== 0x0806) return undefined;
  if (!isArpForIpv4(frame, HEADER_LENGTH, end) || arpOperation(frame, HEADER_LENGTH) !== 1) return undefined;
  const wanted = arpTargetIp(frame, HEADER_LENGTH);
  const own = addresses.some(({ address }) => isV4MappedIpv6(address) && ipv4OfIpv6(address) === wanted);
  if (!own) return undefined;
  const reply = frame.slice(0, end);
  const asker = readMac(frame, 6);
  writeMac(reply, 0, asker);
  writeMac(reply, 6, mac);
  writeU16BE(reply, HEADER_LENGTH + 6, ARP_REPLY);
  writeMac(reply, HEADER_LENGTH + 8, mac);
  writeU32BE(reply, HEADER_LENGTH + 14, wanted);
  writeMac(reply, HEADER_LENGTH + 18, asker);
  writeU32BE(reply, HEADER_LENGTH + 24, arpSenderIp(frame, HEADER_LENGTH));
  return reply;
}

export class DummyNetdev {
  readonly name: string;
  /** The interface type that it is a dummy of: "dummy", "dummy-pmd", or one that --enable-dummy has overridden. */
  readonly type: string;
  readonly device: NetDevice;
  readonly counters: PortCounters = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0 };
  readonly rxQueues: QueueCounters[] = [];
  readonly txQueues: QueueCounters[] = [];
  readonly attachments = new Set<DummyAttachment>();
  /** Options as they were set last. */
  settings: ReadonlyMap<string, string> = new Map();
  /** It connects to another dummy. */
  stream: { readonly connected: boolean } | undefined = undefined;
  /** Where others connect to it. */
  pstream: string | undefined = undefined;
  /** netdev-dummy/ip4addr, netdev-dummy/ip6addr */
  readonly addresses: Prefix[] = [];
  /** Option ifindex; negative: it has none. */
  ifindex = -1;
  readonly #vports: VportHost;
  #receive: VportReceiver | undefined;

  constructor(name: string, type: string, address: MacAddress, vports: VportHost) {
    this.name = name;
    this.type = type;
    this.#vports = vports;
    this.device = vports.createDetached(name, () => {});
    this.device.address = address;
    this.setQueues(1);
  }

  /** Receive queues; a dummy that is no PMD's has one. */
  setQueues(count: number): void {
    while (this.rxQueues.length < count) this.rxQueues.push({ packets: 0, bytes: 0 });
    this.rxQueues.length = count;
    while (this.txQueues.length < 1) this.txQueues.push({ packets: 0, bytes: 0 });
  }

  detachAll(): void {
    for (const attachment of this.attachments) attachment.close();
    this.attachments.clear();
    this.stream = undefined;
    this.pstream = undefined;
  }

  /** Of a dummy that connects to another. */
  get connectionState(): "connected" | "disconnected" | undefined {
    return this.stream && (this.stream.connected ? "connected" : "disconnected");
  }

  /** netdev_dummy_get_config(), which does not know the name of the stream. */
  get description(): string {
    const words: string[] = [];
    if (this.type === "dummy-pmd") {
      const queues = this.rxQueues.length;
      words.push(`configured_rx_queues=${queues}`, "configured_tx_queues=1");
      words.push(`requested_rx_queues=${queues}`, "requested_tx_queues=1");
    }
    if (this.ifindex >= 0) words.push(`ifindex=${this.ifindex}`);
    if (this.pstream !== undefined) words.push(`pstream=${this.pstream}`);
    if (this.stream) words.push("stream=(null)");
    return words.length === 0 ? "" : `: ${words.sort().join(", ")}`;
  }

  /** The datapath takes frames from it, or no longer. */
  attach(receive: VportReceiver | undefined): void {
    this.#receive = receive;
  }

  /** A frame from outside. */
  receive(frame: Uint8Array, queue = 0): void {
    for (const attachment of this.attachments) attachment.received(frame);
    const counters = this.rxQueues[queue] ?? this.rxQueues[0];
    this.counters.rxPackets++;
    this.counters.rxBytes += frame.length;
    if (counters) {
      counters.packets++;
      counters.bytes += frame.length;
    }
    if (!this.#receive) return;
    const packet = this.#vports.allocate(this.device, frame.length);
    packet.bytes.set(frame, packet.start);
    this.#receive(packet);
  }

  /** netdev_dummy_send(): a frame from the switch. */
  send(packet: Packet): void {
    if (packet.vlanTci >= 0) this.#vports.insertTag(packet);
    const length = lengthOf(packet);
    const frame = packet.bytes.slice(packet.start, packet.end);
    const tag = frame[12] === 0x81 && frame[13] === 0 ? TAG_LENGTH : 0;
    if (length < HEADER_LENGTH || length > this.device.mtu + HEADER_LENGTH + tag) return;
    this.counters.txPackets++;
    this.counters.txBytes += length;
    const queue = this.txQueues[0];
    if (queue) {
      queue.packets++;
      queue.bytes += length;
    }
    for (const attachment of this.attachments) attachment.sent(frame);
    const reply = arpReply(frame, this.device.address, this.addresses);
    if (reply) this.#vports.netns.kernel.clock.after(0, () => this.receive(reply));
  }

  /** netdev_dummy_get_custom_stats() */
  customCounters(): { readonly [name: string]: number } {
    const { rxPackets } = this.counters;
    const all: Record<string, number> = { rx_custom_packets_1: rxPackets, rx_custom_packets_2: rxPackets };
    for (const [direction, queues] of [
      ["rx", this.rxQueues],
      ["tx", this.txQueues],
    ] as const) {
      for (const [number, { packets, bytes }] of queues.entries()) {
        all[`${direction}_q${number}_bytes`] = bytes;
        all[`${direction}_q${number}_packets`] = packets;
      }
    }
    return all;
  }
}
