import { describe, expect, test } from "vitest";
import type { PcapngBlock } from "../../wire/pcapng/blocks.ts";
import { pcapngBlockLength, writePcapngBlock } from "../../wire/pcapng/encode.ts";
import { capturedFrame } from "../../wire/testing/captured.ts";
import { SourceFault } from "./packet-source.ts";
import type { CapturedPacket } from "./print/packet.ts";
import { openSavefile } from "./savefile.ts";

const section: PcapngBlock = { kind: "section", major: 1, minor: 0, options: [] };
const wire = (linkType = 1, snapLength = 0): PcapngBlock => ({
  kind: "interface",
  linkType,
  snapLength,
  options: [],
});
const packet = (interfaceIndex = 0): PcapngBlock => ({
  kind: "packet",
  interfaceIndex,
  timestamp: 1_500_000n,
  originalLength: 42,
  bytes: capturedFrame("arpRequest"),
  options: [],
});

/** What `-r` makes of a file of these blocks, whose last `cut` bytes are missing: packets, and a fault if there is one. */
function read(
  blocks: readonly PcapngBlock[],
  cut = 0,
): readonly [packets: number, fault: string | undefined] {
  const file = new Uint8Array(blocks.reduce((sum, block) => sum + pcapngBlockLength(block), 0));
  let at = 0;
  for (const block of blocks) at = writePcapngBlock(block, file, at);
  const parts = [file.subarray(0, file.length - cut)];
  let count = 0;
  try {
    const source = openSavefile({ read: () => parts.pop() ?? new Uint8Array(0), close: () => {} }, false);
    const into: CapturedPacket = { seconds: 0, fraction: 0, bytes: file, start: 0, captured: 0, length: 0 };
    while (source.next(into) === "packet") count++;
    return [count, undefined];
  } catch (fault) {
    if (fault instanceof SourceFault) return [count, fault.text];
    throw fault;
  }
}

// The texts are those of tcpdump 4.99.3 with libpcap 1.10.3 for such files.
describe("a pcapng file", () => {
  test("of several interfaces and sections", () => {
    expect(read([section, wire(), wire(), packet(1), packet(), section, wire(), packet()])).toEqual([
      3,
      undefined,
    ]);
  });

  test.each<[string, readonly PcapngBlock[], number, string]>([
    ["without interfaces", [section], 0, "the capture file has no Interface Description Blocks"],
    [
      "with a packet before its interface",
      [section, packet()],
      0,
      "the capture file has a packet block before any Interface Description Blocks",
    ],
    [
      "with two link types",
      [section, wire(), wire(101), packet()],
      0,
      "an interface has a type 101 different from the type of the first interface",
    ],
    [
      "with two snapshot lengths",
      [section, wire(), wire(1, 99), packet()],
      0,
      "an interface has a snapshot length 99 different from the snapshot length of the first interface",
    ],
    [
      "with a packet of an interface that is not there",
      [section, wire(), packet(9)],
      0,
      "a packet arrived on interface 9, but there's no Interface Description Block for that interface",
    ],
    [
      "that is cut",
      [section, wire(), packet()],
      8,
      "truncated pcapng dump file; tried to read 68 bytes, only got 60",
    ],
  ])("%s", (_name, blocks, cut, fault) => {
    expect(read(blocks, cut)).toEqual([0, fault]);
  });
});
