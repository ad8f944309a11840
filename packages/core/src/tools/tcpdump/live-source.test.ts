// A live capture whose filter comes after the first frames: a socket hears from bind(2) on.

import { expect, test } from "vitest";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { PacketSocket, ReceivedFrame } from "../../system/sockets.ts";
import type { BpfProgram } from "../../wire/bpf/instruction.ts";
import { DLT } from "../../wire/link-types.ts";
import { LiveSource } from "./live-source.ts";
import type { CapturedPacket } from "./print/packet.ts";

/** tcpdump -ddd arp */
const ARP: BpfProgram = [
  { code: 40, jt: 0, jf: 0, k: 12 },
  { code: 21, jt: 0, jf: 1, k: 0x0806 },
  { code: 6, jt: 0, jf: 0, k: 262_144 },
  { code: 6, jt: 0, jf: 0, k: 0 },
];

function frame(etherType: number): ReceivedFrame {
  const bytes = new Uint8Array(60);
  bytes.set([etherType >>> 8, etherType & 0xff], 12);
  return {
    frame: bytes,
    wireLength: 60,
    ifindex: 2,
    packetType: 0,
    protocol: etherType,
    hardwareType: 1,
    source: new Uint8Array(6),
    timestamp: 0,
    vlan: undefined,
  };
}

test("what came before the filter has to pass it as well", async () => {
  const queue = [frame(0x86dd), frame(0x0806), frame(0x0800)];
  const socket = {
    setReceiveBuffer: () => {},
    bind: () => {},
    attachFilter: () => {},
    receive: () => queue.shift(),
  } as Partial<PacketSocket> as PacketSocket;
  const process = {
    packet: () => socket,
    monotonic: () => 0,
    wait: () => Promise.resolve("ready"),
    ioctl: () => {
      throw new Refusal(19);
    },
  } as unknown as Process;
  const device = {
    name: "eth0",
    ifindex: 2,
    hardwareType: 1,
    description: undefined,
    flags: 0,
    connection: undefined,
  };
  const source = new LiveSource(process, device, {
    linkType: DLT.EN10MB,
    snapLength: 262_144,
    nanoseconds: false,
    promiscuous: false,
    immediate: true,
    direction: undefined,
    buffer: undefined,
  });
  expect(source.attach(ARP)).toBe(true);
  const types: number[] = [];
  const packet = {} as CapturedPacket;
  const readBlock = async (): Promise<void> => {
    await source.wait();
    while (source.next(packet) === "packet")
      types.push((packet.bytes[12] ?? 0) * 256 + (packet.bytes[13] ?? 0));
  };
  await readBlock();
  expect(types).toEqual([0x0806]);
  queue.push(frame(0x0806), frame(0x0806));
  await readBlock();
  expect(types).toEqual([0x0806, 0x0806, 0x0806]);
});
