import { describe, expect, test } from "vitest";
import type { SeenDevice, SeenFrame } from "../system/network-capture.ts";
import { readU32LE } from "../wire/bytes.ts";
import { isMalformed } from "../wire/malformed.ts";
import type { PcapngBlock } from "../wire/pcapng/blocks.ts";
import { decodePcapngBlock } from "../wire/pcapng/decode.ts";
import { findOption, optionText, PcapngOptionCode } from "../wire/pcapng/options.ts";
import { capturedFrame } from "../wire/testing/captured.ts";
import { PcapngCapture, type PcapngCaptureOptions } from "./pcapng-capture.ts";
import { LEAST_BUFFER } from "./record-buffer.ts";

const ARP = capturedFrame("arpRequest");
const veth: SeenDevice = {
  number: 0,
  netns: 7,
  ifindex: 2,
  name: "veth1",
  hardwareType: 1,
  address: 0x0200_0000_0001,
};
const tunnel: SeenDevice = { number: 1, netns: 1, ifindex: 5, name: "gre1", hardwareType: 778, address: 0 };
const TIME = 1_704_067_200_000_123;
const CLOCK = { realtime: () => TIME, now: TIME * 1000 };

interface Seen {
  readonly packet?: Partial<SeenFrame>;
  readonly device?: SeenDevice;
}

function see(capture: PcapngCapture, { packet = {}, device = veth }: Seen = {}): void {
  const frame = {
    bytes: ARP,
    mac: 0,
    end: ARP.length,
    vlanTci: -1,
    vlanTpid: 0,
    traceId: 0,
    journey: 0,
    ...packet,
  };
  capture.frame(frame, device, false, CLOCK);
}

function written(
  use: (capture: PcapngCapture) => void,
  options: Partial<PcapngCaptureOptions> = {},
): PcapngBlock[] {
  const chunks: Uint8Array[] = [];
  let buffer = new Uint8Array(LEAST_BUFFER);
  const capture = new PcapngCapture({
    sink: {
      buffer,
      write: (length) => {
        chunks.push(buffer.subarray(0, length));
        return (buffer = new Uint8Array(LEAST_BUFFER).fill(0xa5));
      },
    },
    namespaceName: (inode) => (inode === 1 ? undefined : `ns${inode}`),
    ...options,
  });
  use(capture);
  capture.finish();
  const file = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const chunk of chunks) {
    file.set(chunk, end);
    end += chunk.length;
  }
  const blocks: PcapngBlock[] = [];
  for (let at = 0; at < file.length;) {
    const step = decodePcapngBlock(file, at, file.length, true);
    if (isMalformed(step)) throw new Error(step.toString());
    blocks.push(step.block);
    at = step.next;
  }
  return blocks;
}

const packets = (blocks: readonly PcapngBlock[]): (PcapngBlock & { readonly kind: "packet" })[] =>
  blocks.flatMap((block) => (block.kind === "packet" ? [block] : []));

const comments = (block: PcapngBlock | undefined): string[] =>
  block?.kind === "packet"
    ? block.options
        .filter(({ code }) => code === PcapngOptionCode.COMMENT)
        .map(({ value }) => new TextDecoder().decode(value))
    : [];

const idOf = (block: PcapngBlock | undefined): number | undefined => {
  const value = block?.kind === "packet" ? findOption(block.options, PcapngOptionCode.PACKET_ID) : undefined;
  return value && readU32LE(value, 0);
};

describe("a capture of the whole network", () => {
  test("has an interface for each device, named by its namespace, and statistics at the end", () => {
    const blocks = written((capture) => {
      see(capture);
      see(capture, { device: tunnel });
      see(capture);
    });
    expect(blocks.map(({ kind }) => kind)).toEqual([
      "section",
      "interface",
      "packet",
      "interface",
      "packet",
      "packet",
      "statistics",
      "statistics",
    ]);
    const interfaces = blocks.flatMap((block) => (block.kind === "interface" ? [block] : []));
    expect(interfaces.map(({ linkType }) => linkType)).toEqual([1, 101]);
    expect(interfaces.map(({ options }) => optionText(options, PcapngOptionCode.INTERFACE_NAME))).toEqual([
      "ns7/veth1",
      "gre1",
    ]);
    expect(blocks[2]).toMatchObject({ timestamp: BigInt(TIME), originalLength: 42, bytes: ARP });
    expect(blocks[5]).toMatchObject({ interfaceIndex: 0 });
  });

  test("packets bear the number of their journey, and why they were dropped, however late that is told", () => {
    const [first, second, third] = packets(
      written((capture) => {
        see(capture, { packet: { traceId: 4, journey: 3 } });
        see(capture, { packet: { traceId: 5, journey: 10 } });
        capture.dropped(4, "NO_SOCKET", "veth1");
        capture.dropped(5, "OTHERHOST", "veth1");
        see(capture, { packet: { traceId: 6 } });
        capture.dropped(5, "OTHERHOST", "veth2");
        capture.dropped(4, "NO_SOCKET", "veth2");
        capture.dropped(4, "NO_SOCKET", "veth3");
        capture.dropped(99, "OTHERHOST", "veth1");
      }),
    );
    expect([idOf(first), idOf(second), idOf(third)]).toEqual([3, 10, undefined]);
    expect(comments(first)).toEqual([
      "dropped: NO_SOCKET at veth1",
      "dropped: NO_SOCKET at veth2",
      "dropped: NO_SOCKET at veth3",
    ]);
    expect(comments(second)).toEqual(["dropped: OTHERHOST at veth1", "dropped: OTHERHOST at veth2"]);
    expect([comments(third), third?.bytes]).toEqual([[], ARP]);
  });

  test("a tag from beside the frame is put back", () => {
    const [packet] = packets(
      written((capture) => see(capture, { packet: { vlanTci: 0x6007, vlanTpid: 0x8100 } })),
    );
    expect(packet).toMatchObject({
      originalLength: 46,
      bytes: Uint8Array.from([...ARP.slice(0, 12), 0x81, 0x00, 0x60, 0x07, ...ARP.slice(12)]),
    });
  });

  test.each([1, 2, 3, 14, 42, 159, 160, 161, 1514])(
    "a snapshot of %i bytes of a longer packet",
    (snapLength) => {
      const bytes = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7) & 0xff);
      const [packet] = packets(
        written((capture) => see(capture, { packet: { bytes, mac: 11, end: 2999 } }), { snapLength }),
      );
      expect(packet).toMatchObject({ originalLength: 2988, bytes: bytes.slice(11, 11 + snapLength) });
    },
  );

  test("more than a buffer holds is complete, with comments in the middle of it", () => {
    const bytes = new Uint8Array(9000);
    const all = packets(
      written((capture) => {
        for (let id = 1; id <= 100; id++) {
          see(capture, { packet: { bytes, end: bytes.length, traceId: id, journey: id } });
          if (id > 1) capture.dropped(id - 1, "OTHERHOST", "veth1");
        }
      }),
    );
    expect(all.map(idOf)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    // The end of a packet that has gone out already cannot be told: one in each buffer.
    expect(all.filter((packet) => comments(packet).length === 1).length).toBeGreaterThan(95);
  });

  test("only what the filter takes, of the devices that are wanted", () => {
    const use = (capture: PcapngCapture): void => {
      see(capture);
      see(capture, { device: { ...veth, number: 2, name: "other" } });
    };
    const kinds = (options: Partial<PcapngCaptureOptions>): string[] =>
      written(use, options).map(({ kind }) => kind);
    expect(kinds({ filter: "ip" }).filter((kind) => kind === "packet")).toEqual([]);
    expect(kinds({ filter: "arp", wanted: ({ name }) => name === "veth1" })).toEqual([
      "section",
      "interface",
      "packet",
      "statistics",
    ]);
  });
});
