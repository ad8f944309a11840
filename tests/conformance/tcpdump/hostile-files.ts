// Capture files for tests of tcpdump's file options: good ones in every format, and ones that lie. Written byte by byte, since no
// writer of ours makes such files.

const TIME = 1_700_000_000;

/** Ethernet, IPv4 and UDP to the port 9 with `size` bytes. */
function frame(size: number): Buffer {
  const header = Buffer.from(
    "020000000002020000000001080045000000000000004011000a0a0000010a00000203e800090000000a",
    "hex",
  );
  header.writeUInt16BE(28 + size, 16);
  header.writeUInt16BE(8 + size, 38);
  return Buffer.concat([header, Buffer.alloc(size, 0x61)]);
}

export interface PcapShape {
  readonly big?: boolean;
  readonly magic?: number;
  readonly version?: readonly [number, number];
  readonly snap?: number;
  readonly link?: number;
  readonly packets?: readonly Buffer[];
}

const FRAMES = Array.from({ length: 12 }, (_, index) => frame(index * 9));

export function pcap(shape: PcapShape = {}): Buffer {
  const {
    big = false,
    magic = 0xa1b2c3d4,
    version = [2, 4],
    snap = 262_144,
    link = 1,
    packets = FRAMES,
  } = shape;
  const words = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length);
    values.forEach((value, index) =>
      big ? bytes.writeUInt32BE(value, 4 * index) : bytes.writeUInt32LE(value, 4 * index),
    );
    return bytes;
  };
  const [major, minor] = version;
  const versions = big ? (major << 16) | minor : major | (minor << 16);
  const all = [words(magic, versions, 0, 0, snap, link)];
  packets.forEach((packet, index) => {
    all.push(words(TIME + 2 * index, 123_456 + index, packet.length, packet.length), packet);
  });
  return Buffer.concat(all);
}

/** A packet header of a little-endian file, with whatever bytes follow. */
export function record(captured: number, length: number, bytes: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(TIME, 0);
  header.writeUInt32LE(captured, 8);
  header.writeUInt32LE(length, 12);
  return Buffer.concat([header, bytes]);
}

function block(type: number, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(12 + body.length);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(type);
  return Buffer.concat([head, length, body, length]);
}

const SECTION = block(0x0a0d0d0a, Buffer.from("4d3c2b1a01000000ffffffffffffffff", "hex"));

/** An interface block; `resolution` is the value of its option. */
function wire({ snap = 262_144, link = 1, resolution = 6 } = {}): Buffer {
  const body = Buffer.alloc(20);
  body.writeUInt16LE(link, 0);
  body.writeUInt32LE(snap, 4);
  body.writeUInt16LE(9, 8);
  body.writeUInt16LE(1, 10);
  body[12] = resolution;
  return block(1, body);
}

function packet(captured: number, onInterface = 0): Buffer {
  const bytes = Buffer.alloc((captured + 3) & ~3);
  FRAMES[0]?.copy(bytes);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(onInterface, 0);
  head.writeUInt32LE(captured, 12);
  head.writeUInt32LE(captured, 16);
  return block(6, Buffer.concat([head, bytes]));
}

const good = pcap();

/** By name. */
export const files: ReadonlyMap<string, Buffer> = new Map([
  ["good.pcap", good],
  ["big.pcap", pcap({ big: true })],
  ["nano.pcap", pcap({ magic: 0xa1b23c4d })],
  ["raw.pcap", pcap({ link: 101, packets: FRAMES.map((bytes) => bytes.subarray(14)) })],
  ["large.pcap", pcap({ packets: Array.from({ length: 2200 }, () => frame(1400)) })],
  ["empty", Buffer.alloc(0)],
  ["three-bytes", good.subarray(0, 3)],
  ["half-header", good.subarray(0, 10)],
  ["header-only", good.subarray(0, 24)],
  ["half-record", good.subarray(0, 34)],
  ["half-packet", good.subarray(0, 45)],
  ["no-capture", Buffer.from("hello world, this is no capture file at all")],
  ["version-1", pcap({ version: [1, 0] })],
  ["version-3", pcap({ version: [3, 4] })],
  ["version-2.3", pcap({ version: [2, 3] })],
  ["snap-0", pcap({ snap: 0 })],
  ["snap-60", pcap({ snap: 60 })],
  ["snap-negative", pcap({ snap: 0xffff_ffff })],
  ["link-2", pcap({ link: 2 })],
  ["link-147", pcap({ link: 147 })],
  ["link-999", pcap({ link: 999 })],
  ["fcs", pcap({ link: 1 | (1 << 26) | (4 << 28) })],
  ["too-long", Buffer.concat([good.subarray(0, 24), record(300_000, 300_000, Buffer.alloc(300_000))])],
  [
    "longer-snap",
    Buffer.concat([pcap({ snap: 300_000, packets: [] }), record(300_000, 300_000, Buffer.alloc(300_000))]),
  ],
  ["absurd", Buffer.concat([good.subarray(0, 24), record(0x7fff_ffff, 0x7fff_ffff, Buffer.alloc(50))])],
  ["length-below", Buffer.concat([good.subarray(0, 24), record(60, 20, Buffer.alloc(60))])],
  ["good.pcapng", Buffer.concat([SECTION, wire(), packet(42), packet(42)])],
  ["ng-no-interface", Buffer.concat([SECTION, packet(42)])],
  ["ng-other-interface", Buffer.concat([SECTION, wire(), packet(42, 3)])],
  ["ng-two-links", Buffer.concat([SECTION, wire(), wire({ link: 101 }), packet(42)])],
  ["ng-two-snaps", Buffer.concat([SECTION, wire(), wire({ snap: 99 }), packet(42)])],
  ["ng-above-snap", Buffer.concat([SECTION, wire({ snap: 60 }), packet(300)])],
  ["ng-resolution-10", Buffer.concat([SECTION, wire({ resolution: 20 }), packet(42)])],
  ["ng-resolution-2", Buffer.concat([SECTION, wire({ resolution: 0xc8 }), packet(42)])],
  ["ng-nanoseconds", Buffer.concat([SECTION, wire({ resolution: 9 }), packet(42)])],
  ["ng-cut", Buffer.concat([SECTION, wire(), packet(42)]).subarray(0, -20)],
  ["ng-section-only", SECTION],
  ["list", Buffer.from("good.pcap\nraw.pcap\nnano.pcap\n")],
  ["list-same", Buffer.from("good.pcap\nbig.pcap")],
  ["list-missing", Buffer.from("good.pcap\nmissing.pcap\n")],
  ["list-blank", Buffer.from("good.pcap\n\nbig.pcap\n")],
  ["list-broken", Buffer.from("half-packet\ngood.pcap\n")],
  ["filter", Buffer.from("# what is wanted\nudp and\nless 80\n")],
]);
