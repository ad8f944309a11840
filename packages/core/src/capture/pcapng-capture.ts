/**
 * Makes one pcapng file of a log of a whole network (frame-log.ts): an interface block for every device, named by its namespace,
 * and packets with their direction, the number of their journey as the packet's id, and why they were dropped, if they were, as
 * a comment. The same id on several interfaces is the same packet, or one that came of it; one display filter follows it over
 * all of them: `frame.packet_id == 17`.
 *
 * This runs for every hop of every packet: a record of the log becomes a record of the file without an object between them.
 * How packets get into the buffer: record-buffer.ts.
 */
import { compileFilter } from "../pcap-filter/compile.ts";
import { FilterError } from "../pcap-filter/filter-error.ts";
import { NO_NAMES } from "../pcap-filter/filter-names.ts";
import type { SeenDevice } from "../system/network-capture.ts";
import type { Microseconds } from "../system/system.ts";
import { copyBytes, writeU16BE } from "../wire/bytes.ts";
import type { BpfProgram } from "../wire/bpf/instruction.ts";
import { runBpf } from "../wire/bpf/machine.ts";
import { DEFAULT_SNAP_LENGTH } from "../wire/capture-packet.ts";
import { DLT, linkTypeOfDlt } from "../wire/link-types.ts";
import { writeMac } from "../wire/mac.ts";
import type { PcapngBlock } from "../wire/pcapng/blocks.ts";
import { pcapngBlockLength, writePcapngBlock } from "../wire/pcapng/encode.ts";
import { longOption, PcapngOptionCode, textOption } from "../wire/pcapng/options.ts";
import { DROP_WORDS, FRAME_DROP, FRAME_HEAD, FRAME_PACKET, KIND_BITS, LOW_WORD } from "./frame-log.ts";
import { BASE_WORDS, NANOSECONDS, NUMBER_SHIFT, OUTGOING, RecordKind, SKIP_SHIFT } from "./frame-log.ts";
import { TAGGED, WIDE, type LogText } from "./frame-log.ts";
import { commentOption, RecordBuffer, type CaptureSink } from "./record-buffer.ts";

const OUTERMOST_TAG = 12; // bytes: after the addresses
const TAG_LENGTH = 4;

/** ARPHRD_ types that have an Ethernet header. */
const ETHERNET_LIKE: ReadonlySet<number> = new Set([1, 772]);

/** A device that the log tells of, and its interface in the file once it has had a frame. */
interface CapturedDevice {
  readonly device: SeenDevice;
  /** Undefined for the first one. */
  readonly namespace: string | undefined;
  readonly dlt: number;
  /** Of the interface; -1 for none yet. */
  index: number;
  /** Packets written. */
  count: number;
  /** Time of the newest one. */
  last: Microseconds;
}

export interface PcapngCaptureOptions {
  readonly sink: CaptureSink;
  /** How much of a packet is kept, bytes; all of it unless told. */
  readonly snapLength?: number | undefined;
  /** How much of a packet is in the log, bytes: at least as much. */
  readonly loggedLength?: number | undefined;
  /** A filter of pcap-filter(7). */
  readonly filter?: string | undefined;
}

export class PcapngCapture {
  readonly #filter: string | undefined;
  readonly #records: RecordBuffer;
  readonly #snapLength: number;
  readonly #loggedLength: number;
  /** By the numbers of the log. */
  readonly #devices: CapturedDevice[] = [];
  readonly #dropComments: Int32Array[] = [];
  /** What the log counts its times from. */
  #timeBase: Microseconds = 0;
  readonly #filters = new Map<number, BpfProgram>();
  readonly #tagged = new Int32Array((DEFAULT_SNAP_LENGTH >> 2) + 2 * TAG_LENGTH);
  readonly #taggedBytes = new Uint8Array(this.#tagged.buffer);
  /** Devices that are captured. */
  interfaces = 0;
  /** Packets written. */
  packets = 0;

  constructor({ sink, snapLength, loggedLength, filter }: PcapngCaptureOptions) {
    this.#records = new RecordBuffer(sink);
    this.#snapLength = snapLength ?? DEFAULT_SNAP_LENGTH;
    this.#loggedLength = loggedLength ?? this.#snapLength;
    this.#filter = filter === "" ? undefined : filter;
    this.#add({
      kind: "section",
      major: 1,
      minor: 0,
      options: [textOption(PcapngOptionCode.SECTION_APPLICATION, "patchcord")],
    });
  }

  /** Takes the next chunk of the log, of which the first `used` words are complete. */
  read(words: Int32Array, used: number): void {
    for (let at = 0; at < used;) {
      const head = words[at] as number;
      const kind = head & KIND_BITS;
      if (kind === RecordKind.FRAME) at = this.#readFrame(words, at, head);
      else if (kind === RecordKind.DROP) {
        this.#records.comment(
          words[at + 1] as number,
          this.#dropComments[head >>> NUMBER_SHIFT] as Int32Array,
        );
        at += DROP_WORDS;
      } else if (kind === RecordKind.BASE) {
        this.#timeBase = (words[at + 1] as number) * LOW_WORD + ((words[at + 2] as number) >>> 0);
        at += BASE_WORDS;
      } else {
        const length = words[at + 1] as number;
        this.#hear(new Uint8Array(words.buffer, words.byteOffset + ((at + 2) << 2), length).slice());
        at += 2 + ((length + 3) >> 2);
      }
    }
  }

  /** Returns where the next record begins. */
  #readFrame(words: Int32Array, first: number, head: number): number {
    let source = words;
    let original = words[first + 2] as number;
    const journey = words[first + 3] as number;
    let journeyHigh = 0;
    let at = first + FRAME_HEAD;
    if ((head & WIDE) !== 0) {
      journeyHigh = words[at] as number;
      at += 2;
    }
    const tag = (head & TAGGED) === 0 ? 0 : (words[at++] as number);
    const skipped = (head >>> SKIP_SHIFT) & 3;
    let start = (at << 2) + skipped;
    const logged = original < this.#loggedLength ? original : this.#loggedLength;
    const next = at + ((skipped + logged + 3) >> 2);
    const to = this.#devices[head >>> NUMBER_SHIFT] as CapturedDevice;
    let whole = logged;
    if ((head & TAGGED) !== 0) {
      this.#tag(words, start, logged, tag);
      source = this.#tagged;
      start = 0;
      original += TAG_LENGTH;
      whole += TAG_LENGTH;
    }
    if (to.index < 0) this.#describe(to);
    if (this.#filter !== undefined && !this.#passes(source, start, whole, original, to.dlt)) return next;
    const time = this.#timeBase + ((((words[first + 1] as number) >>> 0) / NANOSECONDS) >>> 0);
    const drop = words[first + FRAME_DROP] as number;
    this.#records.packet(
      to.index,
      time,
      source,
      start,
      whole < this.#snapLength ? whole : this.#snapLength,
      original,
      (head & OUTGOING) !== 0,
      journey,
      journeyHigh,
      words[first + FRAME_PACKET] as number,
      drop === 0 ? undefined : this.#dropComments[drop - 1],
    );
    to.count++;
    to.last = time;
    this.packets++;
    return next;
  }

  /** The frame with its tag inside. */
  #tag(words: Int32Array, start: number, length: number, tag: number): void {
    const bytes = new Uint8Array(words.buffer, words.byteOffset + start, length);
    const tagged = this.#taggedBytes;
    copyBytes(bytes, 0, tagged, 0, OUTERMOST_TAG);
    writeU16BE(tagged, OUTERMOST_TAG, tag >>> 16);
    writeU16BE(tagged, OUTERMOST_TAG + 2, tag & 0xffff);
    copyBytes(bytes, OUTERMOST_TAG, tagged, OUTERMOST_TAG + TAG_LENGTH, length - OUTERMOST_TAG);
  }

  #hear(text: Uint8Array): void {
    const told = JSON.parse(new TextDecoder().decode(text)) as LogText;
    if (told.kind === "reason") {
      this.#dropComments.push(commentOption(`dropped: ${told.reason} at ${told.place}`));
      return;
    }
    const { device, namespace } = told;
    const dlt = ETHERNET_LIKE.has(device.hardwareType) ? DLT.EN10MB : DLT.RAW;
    this.#devices.push({ device, namespace: namespace ?? undefined, dlt, index: -1, count: 0, last: 0 });
  }

  /** Hands on what there is. */
  flush(): void {
    this.#records.flush();
  }

  /** The end of the file: how many packets each interface had. */
  finish(): void {
    for (const { index, last, count } of this.#devices.toSorted((a, b) => a.index - b.index)) {
      if (index < 0) continue;
      this.#add({
        kind: "statistics",
        interfaceIndex: index,
        timestamp: BigInt(last),
        options: [longOption(PcapngOptionCode.STATISTICS_RECEIVED, BigInt(count))],
      });
    }
    this.flush();
  }

  #add(block: PcapngBlock): void {
    this.#records.block(pcapngBlockLength(block), (bytes, offset) => writePcapngBlock(block, bytes, offset));
  }

  /** A device that is renamed or moved is another interface from then on. */
  #describe(captured: CapturedDevice): void {
    const { device, namespace, dlt } = captured;
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
    if (this.#filter !== undefined) {
      const text = new TextEncoder().encode(this.#filter);
      const value = new Uint8Array(1 + text.length); // 0: a text of libpcap
      value.set(text, 1);
      options.push({ code: PcapngOptionCode.INTERFACE_FILTER, value });
    }
    captured.index = this.interfaces++;
    this.#add({ kind: "interface", linkType: linkTypeOfDlt(dlt), snapLength: this.#snapLength, options });
  }

  #passes(source: Int32Array, start: number, whole: number, original: number, dlt: number): boolean {
    const bytes = new Uint8Array(source.buffer, source.byteOffset + start, whole);
    return runBpf(this.#filterOf(dlt), bytes, 0, whole, original) !== 0;
  }

  #filterOf(dlt: number): BpfProgram {
    const known = this.#filters.get(dlt);
    if (known !== undefined) return known;
    const program = compileCaptureFilter(this.#filter ?? "", dlt);
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
