import { describe, expect, test } from "vitest";
import type { SeenDevice, SeenFrame } from "../system/network-capture.ts";
import { isMalformed } from "../wire/malformed.ts";
import type { PcapngBlock } from "../wire/pcapng/blocks.ts";
import { decodePcapngBlock } from "../wire/pcapng/decode.ts";
import { optionText, PcapngOptionCode } from "../wire/pcapng/options.ts";
import { capturedFrame } from "../wire/testing/captured.ts";
import { PcapngCapture, type PcapngCaptureOptions } from "./pcapng-capture.ts";

const ARP = capturedFrame("arpRequest");
const veth: SeenDevice = { netns: 7, ifindex: 2, name: "veth1", hardwareType: 1, address: 0x0200_0000_0001 };
const tunnel: SeenDevice = { netns: 1, ifindex: 5, name: "gre1", hardwareType: 778, address: 0 };

function seen(over: Partial<SeenFrame> = {}): SeenFrame {
  return {
    device: veth,
    outgoing: false,
    time: 1_704_067_200_000_123,
    bytes: ARP,
    start: 0,
    end: ARP.length,
    vlanTci: -1,
    vlanTpid: 0,
    packetId: 0,
    journey: 0,
    ...over,
  };
}

function written(
  use: (capture: PcapngCapture) => void,
  options: Partial<PcapngCaptureOptions> = {},
): PcapngBlock[] {
  const chunks: number[] = [];
  const capture = new PcapngCapture({
    write: (bytes) => chunks.push(...bytes),
    namespaceName: (inode) => (inode === 1 ? undefined : `ns${inode}`),
    ...options,
  });
  use(capture);
  capture.finish();
  const file = Uint8Array.from(chunks);
  const blocks: PcapngBlock[] = [];
  for (let at = 0; at < file.length;) {
    const step = decodePcapngBlock(file, at, file.length, true);
    if (isMalformed(step)) throw new Error(step.toString());
    blocks.push(step.block);
    at = step.next;
  }
  return blocks;
}

const comments = (block: PcapngBlock | undefined): string[] =>
  block?.kind === "packet"
    ? block.options
        .filter(({ code }) => code === PcapngOptionCode.COMMENT)
        .map(({ value }) => new TextDecoder().decode(value))
    : [];

describe("a capture of the whole network", () => {
  test("has an interface for each device, named by its namespace, and statistics at the end", () => {
    const blocks = written((capture) => {
      capture.frame(seen());
      capture.frame(seen({ device: tunnel }));
      capture.frame(seen());
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
    expect(blocks[2]).toMatchObject({ timestamp: 1_704_067_200_000_123n, originalLength: 42, bytes: ARP });
    expect(blocks[5]).toMatchObject({ interfaceIndex: 0 });
  });

  test("packets bear the number of their journey, and why they were dropped, however late that is told", () => {
    const blocks = written((capture) => {
      capture.frame(seen({ packetId: 4, journey: 3 }));
      capture.frame(seen({ packetId: 5, journey: 10 }));
      capture.dropped(4, "NO_SOCKET", "veth1");
      capture.dropped(5, "OTHERHOST", "veth1");
      capture.dropped(99, "OTHERHOST", "veth1");
    });
    expect(comments(blocks[2])).toEqual(["journey 3;", "dropped: NO_SOCKET at veth1"]);
    expect(comments(blocks[3])).toEqual(["journey 10;", "dropped: OTHERHOST at veth1"]);
  });

  test("a tag from beside the frame is put back", () => {
    const [, , packet] = written((capture) => capture.frame(seen({ vlanTci: 0x6007, vlanTpid: 0x8100 })));
    expect(packet).toMatchObject({
      originalLength: 46,
      bytes: Uint8Array.from([...ARP.slice(0, 12), 0x81, 0x00, 0x60, 0x07, ...ARP.slice(12)]),
    });
  });

  test("only what the filter takes, of the devices that are wanted", () => {
    const use = (capture: PcapngCapture): void => {
      capture.frame(seen());
      capture.frame(seen({ device: { ...veth, name: "other" } }));
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
