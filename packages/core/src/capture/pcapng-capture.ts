/**
 * Writes the frames of a whole network into one pcapng file: an interface block for every device, named by its namespace, and
 * packets with their direction, the number of their journey as the packet's id, and why they were dropped, if they were, as a
 * comment. The same id on several interfaces is the same packet, or one that came of it; one display filter follows it over all
 * of them: `frame.packet_id == 17`.
 *
 * How packets get into the buffer: record-buffer.ts.
 */
import { compileFilter } from "../pcap-filter/compile.ts";
import { FilterError } from "../pcap-filter/filter-error.ts";
import { NO_NAMES } from "../pcap-filter/filter-names.ts";
import type { FrameClock, FrameWatcher, SeenDevice, SeenFrame } from "../system/network-capture.ts";
import { copyBytes, writeU16BE } from "../wire/bytes.ts";
import type { BpfProgram } from "../wire/bpf/instruction.ts";
import { runBpf } from "../wire/bpf/machine.ts";
import { DEFAULT_SNAP_LENGTH } from "../wire/capture-packet.ts";
import { DLT, linkTypeOfDlt } from "../wire/link-types.ts";
import { writeMac } from "../wire/mac.ts";
import type { PcapngBlock } from "../wire/pcapng/blocks.ts";
import { pcapngBlockLength, writePcapngBlock } from "../wire/pcapng/encode.ts";
import { longOption, PcapngOptionCode, textOption } from "../wire/pcapng/options.ts";
import { commentOption, RecordBuffer, type CaptureSink } from "./record-buffer.ts";

const OUTERMOST_TAG = 12; // bytes: after the addresses
const TAG_LENGTH = 4;

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
  readonly sink: CaptureSink;
  /** How much of a packet is kept, bytes; all of it unless told. */
  readonly snapLength?: number | undefined;
  /** Name of a namespace; undefined for the first one. */
  readonly namespaceName: (inode: number) => string | undefined;
  /** Whether a device is captured. */
  readonly wanted?: (device: SeenDevice, namespace: string | undefined) => boolean;
  /** A filter of pcap-filter(7). */
  readonly filter?: string | undefined;
}

export class PcapngCapture implements FrameWatcher {
  readonly #options: PcapngCaptureOptions;
  readonly #records: RecordBuffer;
  readonly #snapLength: number;
  readonly #filtered: boolean;
  /** By the number of the device; null: not captured. */
  readonly #interfaces: (CapturedInterface | null | undefined)[] = [];
  readonly #filters = new Map<number, BpfProgram>();
  readonly #dropComments = new Map<string, Map<string, Uint32Array>>();
  /** Most drops are like the one before. */
  #lastReason = "";
  #lastPlace = "";
  #lastComment: Uint32Array = new Uint32Array(0);
  readonly #tagged = new Uint8Array(DEFAULT_SNAP_LENGTH + TAG_LENGTH);
  /** Devices that are captured. */
  interfaces = 0;
  /** Packets written. */
  packets = 0;

  constructor(options: PcapngCaptureOptions) {
    this.#options = options;
    this.#records = new RecordBuffer(options.sink);
    this.#snapLength = options.snapLength ?? DEFAULT_SNAP_LENGTH;
    this.#filtered = options.filter !== undefined && options.filter !== "";
    this.#add({
      kind: "section",
      major: 1,
      minor: 0,
      options: [textOption(PcapngOptionCode.SECTION_APPLICATION, "patchcord")],
    });
  }

  wants(device: SeenDevice): boolean {
    return this.#interfaceOf(device) !== null;
  }

  frame(frame: SeenFrame, device: SeenDevice, outgoing: boolean, clock: FrameClock): void {
    let to = this.#interfaces[device.number];
    if (to === undefined) to = this.#interfaceOf(device);
    if (to === null) return;
    let { bytes, mac: start, end } = frame;
    if (frame.vlanTci >= 0) {
      this.#tag(frame);
      bytes = this.#tagged;
      end += TAG_LENGTH - start;
      start = 0;
    }
    if (this.#filtered && runBpf(this.#filterOf(to.dlt), bytes, start, end) === 0) return;
    const time = clock.realtime();
    this.#records.packet(
      to.index,
      time,
      bytes,
      start,
      end,
      this.#snapLength,
      outgoing,
      frame.journey,
      frame.traceId,
    );
    to.count++;
    to.last = time;
    this.packets++;
  }

  /** The frame with its tag inside. */
  #tag({ bytes, mac, end, vlanTpid, vlanTci }: SeenFrame): void {
    const tagged = this.#tagged;
    const rest = mac + OUTERMOST_TAG;
    copyBytes(bytes, mac, tagged, 0, OUTERMOST_TAG);
    writeU16BE(tagged, OUTERMOST_TAG, vlanTpid);
    writeU16BE(tagged, OUTERMOST_TAG + 2, vlanTci);
    copyBytes(bytes, rest, tagged, OUTERMOST_TAG + TAG_LENGTH, end - rest);
  }

  dropped(packetId: number, reason: string, place: string): void {
    if (packetId === 0) return;
    if (reason !== this.#lastReason || place !== this.#lastPlace) this.#nameReason(reason, place);
    this.#records.comment(packetId, this.#lastComment);
  }

  #nameReason(reason: string, place: string): void {
    let ofReason = this.#dropComments.get(reason);
    if (ofReason === undefined) this.#dropComments.set(reason, (ofReason = new Map<string, Uint32Array>()));
    let comment = ofReason.get(place);
    if (comment === undefined)
      ofReason.set(place, (comment = commentOption(`dropped: ${reason} at ${place}`)));
    this.#lastReason = reason;
    this.#lastPlace = place;
    this.#lastComment = comment;
  }

  /** Hands on what there is. */
  flush(): void {
    this.#records.flush();
  }

  /** The end of the file: how many packets each interface had. */
  finish(): void {
    for (const one of this.#interfaces) {
      if (one === undefined || one === null) continue;
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
    this.#records.block(pcapngBlockLength(block), (bytes, offset) => writePcapngBlock(block, bytes, offset));
  }

  /** A device that is renamed or moved is another interface from then on. */
  #interfaceOf(device: SeenDevice): CapturedInterface | null {
    const known = this.#interfaces[device.number];
    if (known !== undefined) return known;
    const namespace = this.#options.namespaceName(device.netns);
    const wanted = this.#options.wanted?.(device, namespace) ?? true;
    const one = wanted ? this.#describe(device, namespace) : null;
    this.#interfaces[device.number] = one;
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
    const index = this.interfaces++;
    this.#add({ kind: "interface", linkType: linkTypeOfDlt(dlt), snapLength: this.#snapLength, options });
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
