import { describe, expect, test } from "vitest";
import type { SeenDevice, SeenFrame } from "../system/network-capture.ts";
import type { PcapngBlock } from "../wire/pcapng/blocks.ts";
import { optionText, PcapngOptionCode } from "../wire/pcapng/options.ts";
import { capturedFrame } from "../wire/testing/captured.ts";
import { CapturedNetwork, capturedPackets, clockAt, seenFrame } from "./testing/captured-network.ts";
import { FIRST_NAMESPACE, type CaptureChoice } from "./testing/captured-network.ts";

const ARP = capturedFrame("arpRequest");
const ARP_DIGITS = Buffer.from(ARP).toString("hex");
const veth: SeenDevice = {
  number: 0,
  netns: 7,
  ifindex: 2,
  name: "veth1",
  hardwareType: 1,
  address: 0x0200_0000_0001,
};
const tunnel: SeenDevice = {
  number: 1,
  netns: FIRST_NAMESPACE,
  ifindex: 5,
  name: "gre1",
  hardwareType: 778,
  address: 0,
};
const TIME = 1_704_067_200_000_123;

function see({ log }: CapturedNetwork, changes: Partial<SeenFrame> = {}, device = veth): void {
  log.frame(seenFrame(changes.bytes ?? ARP, changes), device, false, clockAt(TIME));
}

function written(use: (network: CapturedNetwork) => void, choice?: CaptureChoice): PcapngBlock[] {
  const network = new CapturedNetwork(choice);
  use(network);
  return network.finish();
}

const kinds = (blocks: readonly PcapngBlock[]): string[] => blocks.map(({ kind }) => kind);

describe("a capture of the whole network", () => {
  test("has an interface for each device, named by its namespace, and statistics at the end", () => {
    const blocks = written((network) => {
      see(network);
      see(network, {}, tunnel);
      see(network);
    });
    expect(kinds(blocks)).toEqual([
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
    const packets = capturedPackets(
      written((network) => {
        const { log } = network;
        see(network, { traceId: 4, journey: 3 });
        see(network, { traceId: 5, journey: 10 });
        log.dropped(4, "NO_SOCKET", "veth1");
        log.dropped(5, "OTHERHOST", "veth1");
        see(network, { traceId: 6, journey: 0 });
        log.dropped(5, "OTHERHOST", "veth2");
        log.dropped(4, "NO_SOCKET", "veth2");
        log.flush();
        log.dropped(4, "NO_SOCKET", "veth3");
        log.dropped(99, "OTHERHOST", "veth1");
      }),
    );
    expect(packets.map(({ journey }) => journey)).toEqual([3, 10, 0]);
    expect(packets.map(({ comments }) => comments)).toEqual([
      ["dropped: NO_SOCKET at veth1", "dropped: NO_SOCKET at veth2", "dropped: NO_SOCKET at veth3"],
      ["dropped: OTHERHOST at veth1", "dropped: OTHERHOST at veth2"],
      [],
    ]);
    expect(packets[2]?.bytes).toBe(ARP_DIGITS);
  });

  test.each([1, 2, 3, 14, 42, 159, 160, 161, 255, 256, 257, 1514])(
    "a snapshot of %i bytes of a longer packet",
    (snapLength) => {
      const bytes = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7) & 0xff);
      const [packet] = capturedPackets(
        written((network) => see(network, { bytes, mac: 11, end: 2999 }), { snapLength }),
      );
      expect(packet).toMatchObject({
        originalLength: 2988,
        bytes: Buffer.from(bytes.subarray(11, 11 + snapLength)).toString("hex"),
      });
    },
  );

  test("a snapshot of a tagged packet has its tag, and as many bytes as of another one", () => {
    const tag = { vlanTci: 0x6007, vlanTpid: 0x8100 };
    const [packet] = capturedPackets(written((network) => see(network, tag), { snapLength: 18 }));
    expect(packet).toMatchObject({
      originalLength: 46,
      bytes: `${ARP_DIGITS.slice(0, 24)}81006007${ARP_DIGITS.slice(24, 28)}`,
    });
  });

  test("more than a buffer holds is complete, with comments in the middle of it", () => {
    const bytes = new Uint8Array(9000);
    const all = capturedPackets(
      written((network) => {
        for (let id = 1; id <= 100; id++) {
          see(network, { bytes, traceId: id });
          if (id > 1) network.log.dropped(id - 1, "OTHERHOST", "veth1");
        }
      }),
    );
    expect(all.map(({ journey }) => journey)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    // The end of a packet that has gone out already cannot be told: one in each buffer.
    expect(all.filter(({ comments }) => comments.length === 1).length).toBeGreaterThan(95);
  });

  test("only what the filter takes, of the devices that are wanted; it looks at tags too", () => {
    const use = (network: CapturedNetwork): void => {
      see(network);
      see(network, { vlanTci: 7, vlanTpid: 0x8100 });
      see(network, {}, { ...veth, number: 2, name: "other" });
    };
    expect(kinds(written(use, { filter: "ip" })).filter((kind) => kind === "packet")).toEqual([]);
    expect(kinds(written(use, { filter: "arp", wanted: ({ name }) => name === "veth1" }))).toEqual([
      "section",
      "interface",
      "packet",
      "statistics",
    ]);
    expect(
      capturedPackets(written(use, { filter: "vlan 7" })).map(({ originalLength }) => originalLength),
    ).toEqual([46]);
  });
});
