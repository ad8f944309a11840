import { expect, test } from "vitest";
import type { FrameClock, FrameWatcher, SeenDevice, SeenFrame } from "../system/network-capture.ts";
import type { DropReason } from "../trace/drop-reason.ts";
import { FrameLog, LEAST_CHUNK } from "./frame-log.ts";
import { FrameLogReader } from "./frame-log-reader.ts";

const PAGE = 32768;

/** What a watcher was told, with the bytes that it saw. */
interface Told {
  readonly frames: unknown[][];
  readonly drops: unknown[][];
}

class Recorder implements FrameWatcher, Told {
  readonly frames: unknown[][] = [];
  readonly drops: unknown[][] = [];

  wants(): boolean {
    return true;
  }

  frame(
    { bytes, mac, end, vlanTci, vlanTpid, traceId, journey }: SeenFrame,
    device: SeenDevice,
    outgoing: boolean,
    clock: FrameClock,
  ): void {
    const tag = vlanTci < 0 ? "untagged" : `${vlanTpid}:${vlanTci}`;
    const kept = Buffer.from(bytes.subarray(mac, end)).toString("hex");
    this.frames.push([device.name, outgoing, clock.realtime(), journey, traceId, tag, kept]);
  }

  dropped(packetId: number, reason: string, place: string): void {
    this.drops.push([packetId, reason, place]);
  }
}

function device(number: number): SeenDevice {
  return {
    number,
    netns: 4026531840 + number,
    ifindex: 2,
    name: `eth${number}`,
    hardwareType: 1,
    address: 7,
  };
}

/** Logs with chunks that are read as soon as they are full. */
function logInto(
  watcher: FrameWatcher,
  wanted: (device: SeenDevice) => boolean = () => true,
  snapLength = 262_144,
) {
  const words = new Int32Array(new SharedArrayBuffer(LEAST_CHUNK * 4));
  const bytes = new Uint8Array(words.buffer);
  const reader = new FrameLogReader(watcher, snapLength);
  let chunks = 0;
  const log = new FrameLog({
    chunks: {
      first: words,
      next: (used) => {
        chunks++;
        reader.read(bytes, words, used);
        words.fill(0xa5a5a5a5 | 0);
        return words;
      },
    },
    snapLength,
    namespaceName: (inode) => (inode === 4026531840 ? undefined : `ns${inode}`),
    wanted,
  });
  return { log, reader, chunks: () => chunks };
}

function at(time: number): FrameClock {
  return { realtime: () => time, now: time * 1000 };
}

/** A page with numbers that tell where they are. */
function page(length = PAGE): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
}

test("tells another thread what it was told: every offset, length and kind of memory", () => {
  const [direct, read] = [new Recorder(), new Recorder()];
  const { log } = logInto(read);
  let id = 1;
  for (const bytes of [page(), page(300), page(2048).subarray(3), page(PAGE).subarray(4)]) {
    for (let mac = 0; mac < 8; mac++) {
      for (const length of [0, 1, 2, 3, 4, 14, 60, 63, 64, 65, 255, 256, 257, 290]) {
        const frame = {
          bytes,
          mac,
          end: mac + length,
          vlanTci: id % 3 === 0 ? id & 0xfff : -1,
          vlanTpid: 0x88a8,
          traceId: id,
          journey: id >> 1,
        };
        if (mac + length > bytes.length) continue;
        for (const watcher of [direct, log]) {
          watcher.frame(frame, device(id % 5), id % 2 === 0, at(1_700_000_000_000_000 + id * 1e6));
          if (id % 7 === 0) watcher.dropped(id, id % 2 ? "BRIDGE_EGRESS_VLAN" : "NO_SOCKET", `eth${id % 5}`);
        }
        id++;
      }
    }
  }
  // At the very end of a page there is no word behind the last one.
  const end = page();
  const last = { bytes: end, mac: PAGE - 61, end: PAGE, vlanTci: -1, vlanTpid: 0, traceId: id, journey: 5 };
  for (const watcher of [direct, log]) watcher.frame(last, device(1), true, at(5));
  log.flush();
  expect(read.frames).toHaveLength(direct.frames.length);
  expect(read).toEqual(direct);
});

test("drops that come after a burst, twice of one packet, and of packets in an earlier chunk, are told of the right packets", () => {
  const [direct, read] = [new Recorder(), new Recorder()];
  const { log, chunks } = logInto(read);
  const bytes = page();
  const watchers = [direct, log];
  const sees = (traceId: number): void => {
    const frame = { bytes, mac: 0, end: 1514, vlanTci: -1, vlanTpid: 0, traceId, journey: traceId };
    for (const watcher of watchers) watcher.frame(frame, device(traceId % 3), true, at(traceId));
  };
  const drops = (traceId: number, reason: DropReason): void => {
    for (const watcher of watchers) watcher.dropped(traceId, reason, `eth${traceId % 3}`);
  };
  for (let first = 1; first < 1000; first += 100) {
    const burst = Array.from({ length: 100 }, (_, index) => first + index);
    for (const id of burst) sees(id);
    for (const id of burst) drops(id, id % 2 ? "NO_SOCKET" : "OTHERHOST");
    for (const id of burst) if (id % 10 === 0) drops(id, "BRIDGE_EGRESS_VLAN");
  }
  const before = chunks();
  log.flush();
  drops(1000, "NO_SOCKET");
  drops(999, "NO_SOCKET");
  log.flush();
  expect(before).toBeGreaterThan(3);
  expect(read.frames).toEqual(direct.frames);
  // Those of one packet stay in their order.
  const byPacket = ({ drops }: Told): unknown[] => drops.toSorted(([a], [b]) => Number(a) - Number(b));
  expect(byPacket(read)).toEqual(byPacket(direct));
});

test("ids above 32 bits, and times that go back and far ahead, are told as they are", () => {
  const [direct, read] = [new Recorder(), new Recorder()];
  const { log } = logInto(read);
  const bytes = page();
  const ids = [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5, 2 ** 40 + 3, 7];
  const times = [0, 2 ** 50, 12, 2 ** 32, 2 ** 33];
  for (const [index, traceId] of ids.entries()) {
    const frame = { bytes, mac: 2, end: 62, vlanTci: -1, vlanTpid: 0, traceId, journey: traceId - 1 };
    for (const watcher of [direct, log]) {
      watcher.frame(frame, device(0), false, at(times[index] ?? 0));
      watcher.dropped(traceId, "NO_SOCKET", "eth0");
    }
  }
  log.flush();
  expect(read).toEqual(direct);
});

test("devices that nobody wants are not told of, and namespaces by their names", () => {
  const read = new Recorder();
  const { log, reader } = logInto(read, ({ name }) => name === "eth1");
  const frame = { bytes: page(), mac: 0, end: 60, vlanTci: -1, vlanTpid: 0, traceId: 1, journey: 1 };
  for (const number of [0, 1, 2]) log.frame(frame, device(number), true, at(1));
  log.flush();
  expect(read.frames.map(([name]) => name)).toEqual(["eth1"]);
  expect([...reader.namespaces]).toEqual([[4026531841, "ns4026531841"]]);
});

test("keeps what is asked for of a frame, and goes on behind it", () => {
  const read = new Recorder();
  const { log } = logInto(read, undefined, 20);
  const bytes = page();
  for (const mac of [1, 2]) {
    const frame = { bytes, mac, end: mac + 1500, vlanTci: -1, vlanTpid: 0, traceId: mac, journey: mac };
    log.frame(frame, device(0), true, at(mac));
  }
  log.flush();
  const kept = read.frames.map((frame) => String(frame.at(-1)).slice(0, 40));
  expect(kept).toEqual([1, 2].map((mac) => Buffer.from(bytes.subarray(mac, mac + 20)).toString("hex")));
});

test("a drop is in the chunk of the frame before it, however full that is", () => {
  const read = new Recorder();
  const { log, chunks } = logInto(read);
  const frame = { bytes: page(), mac: 0, end: 1514, vlanTci: -1, vlanTpid: 0, traceId: 1, journey: 1 };
  for (let count = 0; count < 3000; count++) {
    log.frame(frame, device(0), true, at(count));
    const before = chunks();
    log.dropped(1, "NO_SOCKET", "eth0");
    expect(chunks()).toBe(before);
  }
  expect(chunks()).toBeGreaterThan(5);
});
