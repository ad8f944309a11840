import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { closeDevice, openDevice } from "../device-state.ts";
import { openPacketSocket } from "./packet.ts";
import { at, UDP, Wire } from "./testing/hosts.ts";

const ETH_P_ALL = 3;
const ETH_P_ARP = 0x0806;
const ETH_P_IPV6 = 0x86dd;
const OUTGOING = 4;
const refused = (errno: number): unknown => expect.objectContaining({ errno });

describe("packet sockets", () => {
  test("see frames of their protocol; outgoing ones only with ETH_P_ALL", () => {
    const wire = new Wire();
    const [a] = [wire.host(1), wire.host(2)];
    const all = openPacketSocket(a.netns, "raw", () => wire.settle());
    const arp = openPacketSocket(a.netns, "datagram", () => wire.settle());
    all.bind(a.device.ifindex, ETH_P_ALL);
    arp.bind(a.device.ifindex, ETH_P_ARP);
    a.open(UDP).sendTo(new Uint8Array(1), at("10.0.0.2", 9));
    wire.pass(0.1);
    const kinds: [number, boolean][] = [];
    for (let frame = all.receive(); frame; frame = all.receive()) {
      if (frame.protocol !== ETH_P_IPV6) kinds.push([frame.protocol, frame.packetType === OUTGOING]);
    }
    // ARP request and reply, the datagram, port unreachable
    expect(kinds).toEqual([
      [0x0806, true],
      [0x0806, false],
      [0x0800, true],
      [0x0800, false],
    ]);
    expect(arp.receive()).toMatchObject({ packetType: 0, wireLength: 28 });
    expect(arp.receive()).toBeUndefined();
  });

  test("a device that goes down is ENETDOWN, once; up again, frames are seen again", () => {
    const wire = new Wire();
    const [a, b] = [wire.host(1), wire.host(2)];
    const socket = openPacketSocket(a.netns, "raw", () => wire.settle());
    socket.bind(a.device.ifindex, ETH_P_ARP);
    closeDevice(a.device);
    expect(socket.ready).toBe(true);
    expect(() => socket.receive()).toThrow(refused(ERRNO.ENETDOWN));
    expect(socket.ready).toBe(false);
    openDevice(a.device);
    b.open(UDP).sendTo(new Uint8Array(1), at("10.0.0.1", 9));
    wire.pass(0.1);
    expect(socket.receive()).toMatchObject({ protocol: ETH_P_ARP });
  });

  test("binding to a device that is down leaves the error for the first call", () => {
    const wire = new Wire();
    const a = wire.host(1);
    closeDevice(a.device);
    const socket = openPacketSocket(a.netns, "raw", () => wire.settle());
    socket.bind(a.device.ifindex, ETH_P_ALL);
    expect(() => socket.receive()).toThrow(refused(ERRNO.ENETDOWN));
    expect(() => socket.send(new Uint8Array(60), { ifindex: a.device.ifindex })).toThrow(
      refused(ERRNO.ENETDOWN),
    );
    expect(() => socket.bind(99, ETH_P_ALL)).toThrow(refused(ERRNO.ENODEV));
  });

  test("what does not fit into the receive buffer is dropped and counted", () => {
    const wire = new Wire();
    const [a, b] = [wire.host(1), wire.host(2)];
    const socket = openPacketSocket(a.netns, "raw", () => wire.settle());
    socket.setReceiveBuffer(1);
    socket.bind(a.device.ifindex, ETH_P_ALL);
    const client = b.open(UDP);
    for (let index = 0; index < 10; index++) client.sendTo(new Uint8Array(1), at("10.0.0.1", 9));
    wire.pass(0.1);
    let received = 0;
    while (socket.receive()) received++;
    const { packets, drops } = socket.statistics();
    expect(received).toBeGreaterThan(1);
    expect(drops).toBe(packets - received);
    expect(socket.statistics()).toEqual({ packets: 0, drops: 0 });
  });
});
