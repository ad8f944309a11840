// ofp-parse-pcap: the OpenFlow messages in the TCP streams of a capture file. Streams are put together as the original does:
// only what comes in order is taken, and nothing is waited for.

import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { readU16BE, readU32BE, readU8 } from "../../wire/bytes.ts";
import { atoi } from "../../ovsproto/openflow/c-numbers.ts";
import { Port } from "../../ovsproto/openflow/ports.ts";
import { found } from "../../ovsproto/flow/extract.ts";
import { isIpv4, nwProto, tpDst, tpSrc, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { flowOfFrame } from "./frame-commands.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { PcapReader } from "./pcap-file.ts";

const TCP = 6;
const TCP_HEADER = 20;
const FIN = 1;
const SYN = 2;
const RST = 4;
/** The registered port, and the one before it. */
const OPENFLOW_PORTS = [6653, 6633];
const MESSAGE_HEADER = 8;

interface Stream {
  /** Number of the byte that is to come next. */
  sequence: number;
  /** Not yet taken by the reader. */
  data: Uint8Array;
}

/** One direction of each connection, by its addresses and ports. */
class StreamReader {
  readonly #streams = new Map<string, Stream>();

  /** Takes a segment. @returns the stream that it has added to */
  segment(flow: Flow, frame: Uint8Array): Stream | undefined {
    const tcp = found.transport;
    const network = found.network;
    if (tcp < 0) return undefined;
    const end = network + readU16BE(frame, network + 2);
    const header = 4 * (readU8(frame, tcp + 12) >>> 4);
    if (header < TCP_HEADER || tcp + header > end) return undefined;
    const data = frame.subarray(tcp + header, end);
    const flags = readU8(frame, tcp + 13);
    const sequence = readU32BE(frame, tcp + 4);
    const key = [word(flow, W.NW_SRC), word(flow, W.NW_DST), word(flow, W.TP)].join();
    let stream = this.#streams.get(key);
    if (!stream) {
      if (!(flags & SYN) && data.length === 0) return undefined;
      stream = { sequence: after(sequence, flags & SYN ? 1 : 0), data: new Uint8Array(0) };
      this.#streams.set(key, stream);
    }
    if (flags & SYN || stream.sequence === 0) {
      stream.data = new Uint8Array(0);
      stream.sequence = after(sequence, 1);
      return undefined;
    }
    if (flags & (FIN | RST)) {
      this.#streams.delete(key);
      return undefined;
    }
    if (sequence !== stream.sequence) return undefined;
    const joined = new Uint8Array(stream.data.length + data.length);
    joined.set(stream.data);
    joined.set(data, stream.data.length);
    stream.data = joined;
    stream.sequence = after(sequence, data.length);
    return stream;
  }
}

const after = (sequence: number, count: number): number => (sequence + count) >>> 0;

/** `file [port...]` */
export function ofpParsePcap(ofctl: Ofctl, [path = "", ...ports]: readonly string[]): void {
  const { process, options } = ofctl;
  const capture = PcapReader.open(ofctl, path);
  if (typeof capture === "number") throw new Fatal(`${path}: open failed (${ofctl.reason(capture)})`);
  const wanted = new Set(ports.length === 0 ? OPENFLOW_PORTS : ports.map(atoi));
  const streams = new StreamReader();
  let first = true;
  for (let frame = capture.next(); typeof frame !== "number"; frame = capture.next()) {
    const flow = flowOfFrame(frame.bytes, Port.NONE);
    if (!isIpv4(flow) || nwProto(flow) !== TCP) continue;
    if (!wanted.has(tpSrc(flow)) && !wanted.has(tpDst(flow))) continue;
    const stream = streams.segment(flow, frame.bytes);
    if (!stream) continue;
    while (stream.data.length >= MESSAGE_HEADER) {
      const length = readU16BE(stream.data, 2);
      if (stream.data.length < length || length === 0) break;
      if (!first) process.print("\n");
      first = false;
      if (options.timestamp) process.print(`${timeOfDay(frame.milliseconds)} `);
      process.print(`${endpoints(flow)}:\n`);
      ofctl.printBytes(stream.data.slice(0, length), options.verbosity + 1);
      stream.data = stream.data.subarray(length);
    }
  }
}

const timeOfDay = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(11, 23);

function endpoints(flow: Flow): string {
  const end = (address: number, port: number) => `${formatIpv4(address)}.${port}`;
  return `${end(word(flow, W.NW_SRC), tpSrc(flow))} > ${end(word(flow, W.NW_DST), tpDst(flow))}`;
}
