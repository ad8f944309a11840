/**
 * Writes the frames of a whole network into one pcapng file: an interface block for every device, named by its namespace, and
 * packets with their direction, the number of their journey as a comment, and why they were dropped if they were. So a packet
 * can be followed over all interfaces by one display filter: `frame.comment contains "journey 17;"`.
 *
 * Written in place into one buffer, since this runs for every hop of every packet.
 */
import { compileFilter } from "../pcap-filter/compile.ts";
import { FilterError } from "../pcap-filter/filter-error.ts";
import { NO_NAMES } from "../pcap-filter/filter-names.ts";
import type { FrameWatcher, SeenDevice, SeenFrame } from "../system/network-capture.ts";
import { copyBytes, readU32LE, writeU16BE, writeU16LE, writeU32LE } from "../wire/bytes.ts";
import type { BpfProgram } from "../wire/bpf/instruction.ts";
import { runBpf } from "../wire/bpf/machine.ts";
import { DEFAULT_SNAP_LENGTH } from "../wire/capture-packet.ts";
import { DLT, linkTypeOfDlt } from "../wire/link-types.ts";
import { writeMac } from "../wire/mac.ts";
import { BlockType, padded, type PcapngBlock } from "../wire/pcapng/blocks.ts";
import { pcapngBlockLength, writePcapngBlock } from "../wire/pcapng/encode.ts";
import { longOption, PacketDirection, PcapngOptionCode, textOption } from "../wire/pcapng/options.ts";

/** What is collected before it goes out, bytes. */
const BLOCK = 256 * 1024;
/** Longest packet and its options: what must be free in the buffer. */
const ROOM = DEFAULT_SNAP_LENGTH + 1024;
const HEAD = 28; // bytes of an enhanced packet block before its data
const OUTERMOST_TAG = 12; // bytes: after the addresses
const TAG_LENGTH = 4;
/** Packets whose end can still be told; a power of 2. */
const RECENT = 64;

/** ARPHRD_ types that have an Ethernet header. */
const ETHERNET_LIKE: ReadonlySet<number> = new Set([1, 772]);

interface CapturedInterface {
  readonly index: number;
  readonly dlt: number;
  /** Packets written. */
  count: number;
  last: number;
}

export interface PcapngCaptureOptions {
  /** Takes the bytes of the file as they come; they may be overwritten afterwards. */
  readonly write: (bytes: Uint8Array) => void;
  /** Name of a namespace; undefined for the first one. */
  readonly namespaceName: (inode: number) => string | undefined;
  /** Whether a device is captured. */
  readonly wanted?: (device: SeenDevice, namespace: string | undefined) => boolean;
  /** A filter of pcap-filter(7). */
  readonly filter?: string | undefined;
}

export class PcapngCapture implements FrameWatcher {
  readonly #options: PcapngCaptureOptions;
  readonly #buffer = new Uint8Array(BLOCK + ROOM);
  /** The same bytes; blocks and their parts start at multiples of 4. Little-endian, as every machine with JavaScript is. */
  readonly #words = new Uint32Array(this.#buffer.buffer);
  readonly #interfaces = new Map<SeenDevice, CapturedInterface | undefined>();
  readonly #filters = new Map<number, BpfProgram>();
  /** Ids and offsets of the newest packets in the buffer, in a ring. */
  readonly #recentIds = new Float64Array(RECENT);
  readonly #recentOffsets = new Uint32Array(RECENT);
  /** Packets in the buffer. */
  #buffered = 0;
  readonly #tagged = new Uint8Array(DEFAULT_SNAP_LENGTH + TAG_LENGTH);
  #at = 0;
  /** Packets written. */
  packets = 0;

  constructor(options: PcapngCaptureOptions) {
    this.#options = options;
    this.#add({
      kind: "section",
      major: 1,
      minor: 0,
      options: [textOption(PcapngOptionCode.SECTION_APPLICATION, "patchcord")],
    });
  }

  /** Devices that a packet was written for. */
  get interfaces(): number {
    return [...this.#interfaces.values()].filter((one) => one !== undefined).length;
  }

  frame(frame: SeenFrame): void {
    const to = this.#interfaceOf(frame.device);
    if (to === undefined) return;
    if (frame.vlanTci < 0) this.#packet(frame, to, frame.bytes, frame.start, frame.end);
    else {
      const length = frame.end - frame.start;
      const { bytes, start } = frame;
      copyBytes(bytes, start, this.#tagged, 0, OUTERMOST_TAG);
      writeU16BE(this.#tagged, OUTERMOST_TAG, frame.vlanTpid);
      writeU16BE(this.#tagged, OUTERMOST_TAG + 2, frame.vlanTci);
      copyBytes(
        bytes,
        start + OUTERMOST_TAG,
        this.#tagged,
        OUTERMOST_TAG + TAG_LENGTH,
        length - OUTERMOST_TAG,
      );
      this.#packet(frame, to, this.#tagged, 0, length + TAG_LENGTH);
    }
  }

  #packet(frame: SeenFrame, to: CapturedInterface, bytes: Uint8Array, start: number, end: number): void {
    const program = this.#options.filter === undefined ? undefined : this.#filterOf(to.dlt);
    if (program !== undefined && runBpf(program, bytes, start, end) === 0) return;
    const buf = this.#buffer;
    const words = this.#words;
    const off = this.#at;
    const length = end - start;
    const { time, journey } = frame;
    let word = off >> 2;
    words[word] = BlockType.ENHANCED_PACKET;
    words[word + 2] = to.index;
    words[word + 3] = Math.floor(time / 0x1_0000_0000);
    words[word + 4] = time % 0x1_0000_0000;
    words[word + 5] = length;
    words[word + 6] = length;
    word += HEAD >> 2;
    const data = off + HEAD;
    const afterData = word + ((length + 3) >> 2);
    // Padding is zero: the last word is written first.
    words[afterData - 1] = 0;
    copyBytes(bytes, start, buf, data, length);
    word = afterData;
    words[word] = PcapngOptionCode.PACKET_FLAGS | (4 << 16);
    words[word + 1] = frame.outgoing ? PacketDirection.OUTBOUND : PacketDirection.INBOUND;
    word += 2;
    if (journey > 0) word = writeJourney(buf, words, word, journey);
    words[word] = PcapngOptionCode.END;
    this.#at = (word + 2) << 2;
    words[word + 1] = words[(off >> 2) + 1] = this.#at - off;
    to.count++;
    to.last = time;
    this.packets++;
    this.#recentIds[this.#buffered % RECENT] = frame.packetId;
    this.#recentOffsets[this.#buffered % RECENT] = off;
    this.#buffered++;
    if (this.#at > BLOCK) this.flush();
  }

  dropped(packetId: number, reason: string, place: string): void {
    if (packetId === 0) return;
    const oldest = Math.max(0, this.#buffered - RECENT);
    for (let index = this.#buffered - 1; index >= oldest; index--) {
      if (this.#recentIds[index % RECENT] !== packetId) continue;
      const added = this.#comment(
        this.#recentOffsets[index % RECENT] as number,
        `dropped: ${reason} at ${place}`,
      );
      for (let later = index + 1; later < this.#buffered; later++) {
        this.#recentOffsets[later % RECENT] = (this.#recentOffsets[later % RECENT] as number) + added;
      }
      return;
    }
  }

  /** Adds a comment to the block at `offset`. Returns by how much it has grown. */
  #comment(offset: number, comment: string): number {
    const buf = this.#buffer;
    const length = readU32LE(buf, offset + 4);
    const added = 4 + padded(comment.length);
    // Before the end of options and the second length.
    const at = offset + length - 8;
    buf.copyWithin(at + added, at, this.#at);
    writeComment(buf, at, comment);
    writeU32LE(buf, offset + 4, length + added);
    writeU32LE(buf, offset + length + added - 4, length + added);
    this.#at += added;
    return added;
  }

  /** Hands on what there is. */
  flush(): void {
    if (this.#at === 0) return;
    this.#options.write(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    this.#buffered = 0;
  }

  /** The end of the file: how many packets each interface had. */
  finish(): void {
    for (const one of this.#interfaces.values()) {
      if (one === undefined) continue;
      this.#add({
        kind: "statistics",
        interfaceIndex: one.index,
        timestamp: BigInt(one.last),
        options: [longOption(PcapngOptionCode.STATISTICS_RECEIVED, BigInt(one.count))],
      });
    }
    this.flush();
  }

  #add(block: PcapngBlock): void {
    if (this.#at + pcapngBlockLength(block) > this.#buffer.length) this.flush();
    this.#at = writePcapngBlock(block, this.#buffer, this.#at);
  }

  /** A device that is renamed or moved is another interface from then on. */
  #interfaceOf(device: SeenDevice): CapturedInterface | undefined {
    const known = this.#interfaces.get(device);
    if (known !== undefined || this.#interfaces.has(device)) return known;
    const namespace = this.#options.namespaceName(device.netns);
    const wanted = this.#options.wanted?.(device, namespace) ?? true;
    const one = wanted ? this.#describe(device, namespace) : undefined;
    this.#interfaces.set(device, one);
    return one;
  }

  #describe(device: SeenDevice, namespace: string | undefined): CapturedInterface {
    const dlt = ETHERNET_LIKE.has(device.hardwareType) ? DLT.EN10MB : DLT.RAW;
    const options = [
      textOption(PcapngOptionCode.INTERFACE_NAME, interfaceTitle(device, namespace)),
      textOption(
        PcapngOptionCode.INTERFACE_DESCRIPTION,
        `${device.name}, interface ${device.ifindex} of ${
          namespace === undefined ? "the first network namespace" : `network namespace ${namespace}`
        }`,
      ),
      textOption(PcapngOptionCode.INTERFACE_OS, "Linux"),
    ];
    if (dlt === DLT.EN10MB) {
      const mac = new Uint8Array(6);
      writeMac(mac, 0, device.address);
      options.push({ code: PcapngOptionCode.INTERFACE_MAC, value: mac });
    }
    const { filter } = this.#options;
    if (filter !== undefined && filter !== "") {
      const text = new TextEncoder().encode(filter);
      const value = new Uint8Array(1 + text.length); // 0: a text of libpcap
      value.set(text, 1);
      options.push({ code: PcapngOptionCode.INTERFACE_FILTER, value });
    }
    const index = this.interfaces;
    this.#add({ kind: "interface", linkType: linkTypeOfDlt(dlt), snapLength: DEFAULT_SNAP_LENGTH, options });
    return { index, dlt, count: 0, last: 0 };
  }

  #filterOf(dlt: number): BpfProgram {
    const known = this.#filters.get(dlt);
    if (known !== undefined) return known;
    const program = compileCaptureFilter(this.#options.filter ?? "", dlt);
    // A filter that makes no sense for a link type takes nothing there.
    const usable = program instanceof FilterError ? [] : program;
    this.#filters.set(dlt, usable);
    return usable;
  }
}

/** What an interface is called: `NAMESPACE/DEVICE`, or just the device in the first namespace. */
export function interfaceTitle(device: { readonly name: string }, namespace: string | undefined): string {
  return namespace === undefined ? device.name : `${namespace}/${device.name}`;
}

/** The program of a filter for one link type. Tags are in the frames. */
export function compileCaptureFilter(filter: string, dlt: number = DLT.EN10MB): BpfProgram | FilterError {
  return compileFilter(filter, {
    linkType: dlt,
    snapLength: DEFAULT_SNAP_LENGTH,
    savefile: { swapped: false },
    names: NO_NAMES,
  });
}

/** "journey " in two words. */
const [JOUR, NEY] = [0x7275_6f6a, 0x2079_656e];
const JOURNEY_LENGTH = 8;
const [ZERO, SEMICOLON] = [0x30, 0x3b];

/** `journey N;` as a comment, from `words[word]` on. Returns where it ends. */
function writeJourney(buf: Uint8Array, words: Uint32Array, word: number, journey: number): number {
  let digits = 1;
  for (let rest = journey; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  const length = JOURNEY_LENGTH + digits + 1;
  words[word] = PcapngOptionCode.COMMENT | (length << 16);
  words[word + 1] = JOUR;
  words[word + 2] = NEY;
  const end = word + 1 + ((length + 3) >> 2);
  words[end - 1] = 0;
  let at = ((word + 1) << 2) + length - 1;
  buf[at--] = SEMICOLON;
  for (let rest = journey, left = digits; left > 0; left--) {
    const next = Math.floor(rest / 10);
    buf[at--] = ZERO + (rest - next * 10);
    rest = next;
  }
  return end;
}

/** An ASCII comment as an option. */
function writeComment(buf: Uint8Array, at: number, text: string): number {
  writeU16LE(buf, at, PcapngOptionCode.COMMENT);
  writeU16LE(buf, at + 2, text.length);
  const end = at + 4 + padded(text.length);
  for (let index = 0; index < text.length; index++) buf[at + 4 + index] = text.charCodeAt(index);
  for (let pad = at + 4 + text.length; pad < end; pad++) buf[pad] = 0;
  return end;
}
