// The packets of arping: what is sent, which answers count, and what is said about them.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { PacketSocket, ReceivedFrame } from "../../system/sockets.ts";
import type { Nanoseconds } from "../../system/system.ts";
import {
  ARP_LENGTH,
  ArpOperation,
  arpHardwareType,
  arpOperation,
  arpProtocolType,
  isArpForIpv4,
} from "../../wire/arp.ts";
import { bytesEqual, writeU16BE } from "../../wire/bytes.ts";
import { formatIpv4, readIpv4Address } from "../../wire/ipv4-address.ts";
import type { ArpDevice } from "./device.ts";

const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV4 = 0x0800;
const ARPHRD_ETHER = 1;
const PACKET_HOST = 0;
const PACKET_MULTICAST = 2;

export interface ArpSettings {
  /** Probes; -1: no end. */
  count: number;
  /** Seconds; 0: none. */
  timeout: number;
  /** Seconds between probes; 0: only one is sent. */
  interval: number;
  advertise: boolean;
  broadcastOnly: boolean;
  dad: boolean;
  quiet: boolean;
  quitOnReply: boolean;
  unsolicited: boolean;
}

/** Offsets in a packet with Ethernet and IPv4 addresses. */
const AT = { SENDER_MAC: 8, SENDER_IP: 14, TARGET_MAC: 18, TARGET_IP: 24 } as const;

export class Exchange {
  readonly socket: PacketSocket;
  sent = 0;
  readonly #process: Process;
  readonly #settings: ArpSettings;
  readonly #device: ArpDevice;
  readonly #source: Uint8Array;
  readonly #target: Uint8Array;
  /** Where probes go: to all, or to who has answered. */
  #peer: Uint8Array;
  #unicasting = false;
  #broadcasts = 0;
  #received = 0;
  #receivedBroadcasts = 0;
  #receivedRequests = 0;
  #lastSent: Nanoseconds | undefined;

  constructor(
    process: Process,
    settings: ArpSettings,
    socket: PacketSocket,
    device: ArpDevice,
    source: Uint8Array,
    target: Uint8Array,
  ) {
    this.#process = process;
    this.#settings = settings;
    this.socket = socket;
    this.#device = device;
    this.#source = source;
    this.#target = target;
    this.#peer = device.broadcast;
  }

  /** What cannot be sent does not count as sent. */
  send(): void {
    const { advertise } = this.#settings;
    const packet = new Uint8Array(ARP_LENGTH);
    writeU16BE(packet, 0, ARPHRD_ETHER);
    writeU16BE(packet, 2, ETHERTYPE_IPV4);
    packet[4] = 6;
    packet[5] = 4;
    writeU16BE(packet, 6, advertise ? ArpOperation.REPLY : ArpOperation.REQUEST);
    packet.set(this.#device.address, AT.SENDER_MAC);
    packet.set(this.#source, AT.SENDER_IP);
    packet.set(advertise ? this.#device.address : this.#peer, AT.TARGET_MAC);
    packet.set(this.#target, AT.TARGET_IP);
    const now = this.#process.monotonic();
    try {
      this.socket.send(packet, {
        ifindex: this.#device.ifindex,
        protocol: ETHERTYPE_ARP,
        address: this.#peer,
      });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return;
    }
    this.#lastSent = now;
    this.sent++;
    if (!this.#unicasting) this.#broadcasts++;
  }

  /** Reads one packet; true if the exchange is over. Errors: a pending error of the socket. */
  receive(): boolean {
    const received = this.socket.receive();
    if (received === undefined || !this.#counts(received)) return false;
    const { frame, packetType } = received;
    const { count, timeout, quitOnReply, broadcastOnly, quiet } = this.#settings;
    if (!quiet) this.#print(received);
    this.#received++;
    if (timeout > 0 && this.#received === count) return true;
    if (packetType !== PACKET_HOST) this.#receivedBroadcasts++;
    if (arpOperation(frame, 0) === ArpOperation.REQUEST) this.#receivedRequests++;
    if (quitOnReply || (count === 0 && this.#received === this.sent)) return true;
    if (!broadcastOnly) {
      this.#peer = frame.slice(AT.SENDER_MAC, AT.SENDER_IP);
      this.#unicasting = true;
    }
    return false;
  }

  /** An answer to us about the target; in DAD mode, anybody else who has it. */
  #counts({ frame, packetType, hardwareType }: ReceivedFrame): boolean {
    if (packetType > PACKET_MULTICAST || !isArpForIpv4(frame, 0, frame.length)) return false;
    const operation = arpOperation(frame, 0);
    if (operation !== ArpOperation.REQUEST && operation !== ArpOperation.REPLY) return false;
    if (arpHardwareType(frame, 0) !== hardwareType || arpProtocolType(frame, 0) !== ETHERTYPE_IPV4)
      return false;
    const part = (from: number, to: number): Uint8Array => frame.subarray(from, to);
    if (!bytesEqual(part(AT.SENDER_IP, AT.TARGET_MAC), this.#target)) return false;
    const toUs = bytesEqual(part(AT.TARGET_IP, ARP_LENGTH), this.#source);
    if (!this.#settings.dad) {
      return toUs && bytesEqual(part(AT.TARGET_MAC, AT.TARGET_IP), this.#device.address);
    }
    if (bytesEqual(part(AT.SENDER_MAC, AT.SENDER_IP), this.#device.address)) return false;
    return toUs || this.#source.every((byte) => byte === 0);
  }

  #print({ frame, packetType }: ReceivedFrame): void {
    const process = this.#process;
    const kind = arpOperation(frame, 0) === ArpOperation.REPLY ? "reply" : "request";
    const sender = formatIpv4(readIpv4Address(frame, AT.SENDER_IP));
    process.print(`${packetType === PACKET_HOST ? "Unicast" : "Broadcast"} ${kind} from ${sender} `);
    process.print(`[${hexAddress(frame, AT.SENDER_MAC)}] `);
    const target = frame.subarray(AT.TARGET_IP, ARP_LENGTH);
    const others = !bytesEqual(target, this.#source);
    if (others) process.print(`for ${formatIpv4(readIpv4Address(frame, AT.TARGET_IP))} `);
    if (!bytesEqual(frame.subarray(AT.TARGET_MAC, AT.TARGET_IP), this.#device.address)) {
      process.print(`${others ? "" : "for "}[${hexAddress(frame, AT.TARGET_MAC)}]`);
    }
    process.print(
      this.#lastSent === undefined ? " UNSOLICITED?\n" : ` ${elapsed(this.#lastSent, process.monotonic())}\n`,
    );
    process.flush();
  }

  /** Prints the sums; the exit status. */
  finish(): number {
    const { quiet, dad, unsolicited, timeout, count, quitOnReply } = this.#settings;
    if (!quiet) {
      this.#process.print(`Sent ${this.sent} probes (${this.#broadcasts} broadcast(s))\n`);
      const kinds: string[] = [];
      if (this.#receivedRequests > 0) kinds.push(`${this.#receivedRequests} request(s)`);
      if (this.#receivedBroadcasts > 0) kinds.push(`${this.#receivedBroadcasts} broadcast(s)`);
      const detail = kinds.length > 0 ? ` (${kinds.join(", ")})` : "";
      this.#process.print(`Received ${this.#received} response(s)${detail}\n`);
      this.#process.flush();
    }
    if (dad) return this.#received > 0 ? 1 : 0;
    if (unsolicited) return 0;
    if (timeout > 0 && count > 0 && !quitOnReply) return count <= this.#received ? 0 : 1;
    return this.#received > 0 ? 0 : 1;
  }
}

function hexAddress(bytes: Uint8Array, at: number): string {
  return Array.from(bytes.subarray(at, at + 6), (byte) =>
    byte.toString(16).toUpperCase().padStart(2, "0"),
  ).join(":");
}

/**
 * Time since a probe, as arping prints it: its three decimals are the microseconds below the rounded millisecond plus 500, so
 * that 30 microseconds show as 0.530 ms.
 */
function elapsed(from: Nanoseconds, to: Nanoseconds): string {
  const micros = Math.trunc((to - from + 500) / 1000);
  const millis = Math.trunc((micros + 500) / 1000);
  return `${millis}.${String(micros - millis * 1000 + 500).padStart(3, "0")}ms`;
}
