// -w: the capture file, in libpcap's format for a little-endian machine, and its rotation by size (-C), by time (-G) and in a
// circle (-W). Names and the order of events are those of tcpdump 4.99.3.

import { ERRNO, strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { formatTime } from "../../system/calendar.ts";
import type { OpenFile } from "../../system/files.ts";
import type { Process } from "../../system/process.ts";
import { copyBytes, writeU32LE } from "../../wire/bytes.ts";
import { linkTypeOfDlt } from "../../wire/link-types.ts";
import { PCAP_HEADER_LENGTH, PCAP_PACKET_HEADER_LENGTH, writePcapHeader } from "../../wire/pcap.ts";
import { error } from "./options.ts";
import type { Options } from "./options.ts";
import type { PacketSource } from "./packet-source.ts";
import type { CapturedPacket } from "./print/packet.ts";

/** What is collected before it is written, bytes: stdio's block. */
const BLOCK = 4096;

type DumpOptions = Pick<
  Options,
  "fileSize" | "rotateSeconds" | "fileCount" | "packetBuffered" | "postRotate"
>;

/** Bytes on their way to a file or to standard output. */
class Writer {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #close: () => void;
  readonly #block = new Uint8Array(BLOCK);
  #filled = 0;
  /** Bytes of the whole file. */
  written = 0;

  constructor(write: (bytes: Uint8Array) => void, close: () => void) {
    this.#write = write;
    this.#close = close;
  }

  add(bytes: Uint8Array, start: number, length: number): void {
    this.written += length;
    if (this.#filled + length > BLOCK) this.flush();
    if (length > BLOCK) {
      this.#write(bytes.slice(start, start + length));
      return;
    }
    copyBytes(bytes, start, this.#block, this.#filled, length);
    this.#filled += length;
  }

  flush(): void {
    if (this.#filled === 0) return;
    this.#write(this.#block.slice(0, this.#filled));
    this.#filled = 0;
  }

  close(): void {
    this.flush();
    this.#close();
  }
}

export class DumpFile {
  readonly #process: Process;
  readonly #name: string;
  readonly #options: DumpOptions;
  readonly #source: Pick<PacketSource, "linkType" | "snapLength" | "nanoseconds">;
  readonly #header = new Uint8Array(PCAP_PACKET_HEADER_LENGTH);
  #writer: Writer;
  /** Name of the present file. */
  #current = "";
  /** Number in the names of a rotation by size. */
  #sizeCount = 0;
  #timeCount = 0;
  /** Start of the present file's time, seconds. */
  #since: number;

  /** Ends the program if the file cannot be opened. */
  constructor(
    process: Process,
    name: string,
    options: DumpOptions,
    source: Pick<PacketSource, "linkType" | "snapLength" | "nanoseconds">,
  ) {
    this.#process = process;
    this.#name = name;
    this.#options = options;
    this.#source = source;
    this.#since = this.#now();
    this.#writer = this.#open(0);
  }

  #now(): number {
    return Math.floor(this.#process.realtime() / 1_000_000);
  }

  /** Writes a packet. False: the limit of files is reached, and this packet is not written. */
  write(packet: CapturedPacket): boolean {
    if (!this.#rotateByTime()) return false;
    this.#rotateBySize();
    const header = this.#header;
    writeU32LE(header, 0, packet.seconds);
    writeU32LE(header, 4, packet.fraction);
    writeU32LE(header, 8, packet.captured);
    writeU32LE(header, 12, packet.length);
    this.#writer.add(header, 0, header.length);
    this.#writer.add(packet.bytes, packet.start, packet.captured);
    if (this.#options.packetBuffered) this.#writer.flush();
    return true;
  }

  close(): void {
    this.#writer.close();
  }

  /** compress_savefile(): -z gets every file but the last one, and nobody waits for it. */
  #closeRotated(): void {
    this.#writer.close();
    const { postRotate } = this.#options;
    if (postRotate === undefined) return;
    const process = this.#process;
    const name = this.#current;
    const found = process.lookup(postRotate, process);
    if (found !== undefined) process.spawn(found, { argv: [postRotate, name] });
    else {
      process.warn(`compress_savefile: execlp(${postRotate}, ${name}) failed: ${strerror(ERRNO.ENOENT)}\n`);
    }
  }

  #rotateByTime(): boolean {
    const { rotateSeconds, fileSize, fileCount } = this.#options;
    const now = this.#now();
    if (rotateSeconds === 0 || now - this.#since < rotateSeconds) return true;
    this.#since = now;
    this.#timeCount++;
    this.#closeRotated();
    if (fileSize === 0 && fileCount > 0 && this.#timeCount >= fileCount) {
      this.#process.warn(`Maximum file limit reached: ${fileCount}\n`);
      this.#writer = new Writer(
        () => {},
        () => {},
      );
      return false;
    }
    this.#sizeCount = 0;
    this.#writer = this.#open(0);
    return true;
  }

  #rotateBySize(): void {
    const { fileSize, fileCount } = this.#options;
    if (fileSize === 0 || this.#writer.written <= fileSize) return;
    this.#closeRotated();
    this.#sizeCount++;
    if (fileCount > 0 && this.#sizeCount >= fileCount) this.#sizeCount = 0;
    this.#writer = this.#open(this.#sizeCount);
  }

  /** MakeFilename(): with -G the name is a format of the time; with -C numbers follow, padded if -W says how many. */
  #fileName(number: number): string {
    const { rotateSeconds, fileSize, fileCount } = this.#options;
    const name = rotateSeconds > 0 ? formatTime(this.#name, this.#since * 1_000_000) : this.#name;
    const digits = fileSize > 0 && fileCount > 1 ? String(fileCount - 1).length : 0;
    return number === 0 && digits === 0 ? name : name + String(number).padStart(digits, "0");
  }

  #open(number: number): Writer {
    this.#current = this.#fileName(number);
    const writer = this.#name === "-" ? this.#toStandardOutput() : this.#toFile(this.#current);
    const { linkType, snapLength, nanoseconds } = this.#source;
    const header = new Uint8Array(PCAP_HEADER_LENGTH);
    writePcapHeader(
      {
        resolution: nanoseconds ? "nanoseconds" : "microseconds",
        snapLength,
        linkType: linkTypeOfDlt(linkType),
      },
      header,
      0,
    );
    writer.add(header, 0, header.length);
    if (this.#options.packetBuffered) writer.flush();
    return writer;
  }

  #toStandardOutput(): Writer {
    const process = this.#process;
    return new Writer(
      (bytes) => process.write(1, bytes),
      () => {},
    );
  }

  #toFile(name: string): Writer {
    let file: OpenFile;
    try {
      file = this.#process.files.open(name, { write: true, create: true, truncate: true });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      return error(this.#process, `${name}: ${strerror(refusal.errno)}`);
    }
    return new Writer(
      (bytes) => file.write(bytes),
      () => file.close(),
    );
  }
}
