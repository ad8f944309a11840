import { expect, test } from "vitest";
import type { SeenDevice } from "../system/network-capture.ts";
import type { DropReason } from "../trace/drop-reason.ts";
import { PacketDirection } from "../wire/pcapng/options.ts";
import { CapturedNetwork, capturedPackets, clockAt, seenFrame } from "./testing/captured-network.ts";

const PAGE = 32768;

function device(number: number): SeenDevice {
  return { number, netns: 1, ifindex: 2, name: `eth${number}`, hardwareType: 1, address: 7 };
}

/** A page with numbers that tell where they are. */
function page(length = PAGE): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("the file says what the log was told: every offset, length and kind of memory", () => {
  const network = new CapturedNetwork();
  const { log } = network;
  const expected: unknown[] = [];
  let id = 1;
  const sees = (bytes: Uint8Array, mac: number, length: number): void => {
    const outgoing = id % 2 === 0;
    const tagged = id % 3 === 0 && length >= 12;
    const dropped = id % 7 === 0;
    const time = 1_700_000_000_000_000 + id * 1e6;
    const end = mac + length;
    const tag = { vlanTci: id & 0xfff, vlanTpid: 0x88a8 };
    const frame = seenFrame(bytes, { mac, end, traceId: id, journey: id >> 1, ...(tagged && tag) });
    log.frame(frame, device(id % 5), outgoing, clockAt(time));
    const [reason, place] = [id % 2 ? "BRIDGE_EGRESS_VLAN" : "NO_SOCKET", `eth${id % 5}`] as const;
    if (dropped) log.dropped(id, reason, place);
    const inLine = tagged ? `88a8${tag.vlanTci.toString(16).padStart(4, "0")}` : "";
    expected.push({
      interface: place,
      flags: outgoing ? PacketDirection.OUTBOUND : PacketDirection.INBOUND,
      time,
      journey: id >> 1,
      originalLength: length + (tagged ? 4 : 0),
      bytes: tagged
        ? hex(bytes.subarray(mac, mac + 12)) + inLine + hex(bytes.subarray(mac + 12, end))
        : hex(bytes.subarray(mac, end)),
      comments: dropped ? [`dropped: ${reason} at ${place}`] : [],
    });
    id++;
  };
  for (const bytes of [page(), page(300), page(2048).subarray(3), page(PAGE).subarray(4)]) {
    for (let mac = 0; mac < 8; mac++) {
      for (const length of [0, 1, 2, 3, 4, 14, 60, 63, 64, 65, 255, 256, 257, 290])
        if (mac + length <= bytes.length) sees(bytes, mac, length);
    }
  }
  // At the very end of a page there is no word behind the last one.
  sees(page(), PAGE - 61, 61);
  expect(capturedPackets(network.finish())).toEqual(expected);
});

test("drops that come after a burst, and twice of one packet, are told of the right packets", () => {
  const network = new CapturedNetwork();
  const { log } = network;
  const bytes = page();
  const drops = (id: number, reason: DropReason): void => log.dropped(id, reason, `eth${id % 3}`);
  for (let first = 1; first < 1000; first += 100) {
    const burst = Array.from({ length: 100 }, (_, index) => first + index);
    for (const traceId of burst)
      log.frame(seenFrame(bytes, { end: 1514, traceId }), device(traceId % 3), true, clockAt(traceId));
    for (const id of burst) drops(id, id % 2 ? "NO_SOCKET" : "OTHERHOST");
    for (const id of burst) if (id % 10 === 0) drops(id, "BRIDGE_EGRESS_VLAN");
  }
  drops(1001, "NO_SOCKET");
  const packets = capturedPackets(network.finish());
  expect(network.chunks).toBeGreaterThan(3);
  expect(packets.map(({ journey }) => journey)).toEqual(Array.from({ length: 1000 }, (_, at) => at + 1));
  let whole = 0;
  for (const { journey, comments } of packets) {
    const at = `at eth${journey % 3}`;
    const told = [`dropped: ${journey % 2 ? "NO_SOCKET" : "OTHERHOST"} ${at}`];
    if (journey % 10 === 0) told.push(`dropped: BRIDGE_EGRESS_VLAN ${at}`);
    // What has gone out already, or has no room left for it, goes without.
    expect(told.slice(0, comments.length)).toEqual(comments);
    if (comments.length === told.length) whole++;
  }
  expect(whole).toBeGreaterThan(900);
});

test("ids above 32 bits, and times that go back and far ahead, are told as they are", () => {
  const network = new CapturedNetwork();
  const ids = [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5, 2 ** 40 + 3, 7];
  const times = [0, 2 ** 50, 12, 2 ** 32, 2 ** 33];
  for (const [index, traceId] of ids.entries()) {
    const frame = seenFrame(page(), { mac: 2, end: 62, traceId, journey: traceId - 1 });
    network.log.frame(frame, device(0), false, clockAt(times[index] ?? 0));
    network.log.dropped(traceId, "NO_SOCKET", "eth0");
  }
  const packets = capturedPackets(network.finish());
  expect(packets.map(({ journey }) => journey + 1)).toEqual(ids);
  expect(packets.map(({ time }) => time)).toEqual(times);
  expect(packets.map(({ comments }) => comments)).toEqual(ids.map(() => ["dropped: NO_SOCKET at eth0"]));
});

test("devices that nobody wants are not told of", () => {
  const network = new CapturedNetwork({ wanted: ({ name }) => name === "eth1" });
  const frame = seenFrame(page(), { end: 60 });
  for (const number of [0, 1, 2]) network.log.frame(frame, device(number), true, clockAt(1));
  expect(capturedPackets(network.finish()).map((packet) => packet.interface)).toEqual(["eth1"]);
});

test("keeps what is asked for of a frame, and goes on behind it", () => {
  const network = new CapturedNetwork({ snapLength: 20 });
  const bytes = page();
  for (const mac of [1, 2])
    network.log.frame(seenFrame(bytes, { mac, end: mac + 1500 }), device(0), true, clockAt(mac));
  const packets = capturedPackets(network.finish());
  expect(packets.map((packet) => packet.bytes)).toEqual(
    [1, 2].map((mac) => hex(bytes.subarray(mac, mac + 20))),
  );
  expect(packets.map(({ originalLength }) => originalLength)).toEqual([1500, 1500]);
});

test("a drop is in the chunk of the frame before it, however full that is", () => {
  const network = new CapturedNetwork();
  const frame = seenFrame(page(), { end: 1514 });
  for (let count = 0; count < 3000; count++) {
    network.log.frame(frame, device(0), true, clockAt(count));
    const before = network.chunks;
    network.log.dropped(1, "NO_SOCKET", "eth0");
    expect(network.chunks).toBe(before);
  }
  expect(network.chunks).toBeGreaterThan(5);
});
