// Commands that turn flows into frames and frames into flows, without a switch: compose-packet, parse-packet, parse-pcap.

import { hexDump } from "../../ovsproto/openflow/hex-dump.ts";
import { scanHexBytes } from "../../ovsproto/openflow/hex-bytes.ts";
import { formatPacket } from "../../ovsproto/openflow/packet-text.ts";
import { Port } from "../../ovsproto/openflow/ports.ts";
import { composeFrame } from "../../ovsproto/flow/compose.ts";
import { extractFlow } from "../../ovsproto/flow/extract.ts";
import { flowsEqual, newFlow, W } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { formatFlowText } from "../../ovsproto/flow/format.ts";
import { parseExactFlow } from "../../ovsproto/flow/parse-exact.ts";
import { END_OF_FILE, Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { pcapOf, PcapReader } from "./pcap-file.ts";

/** Bytes behind the headers, if none are given. */
const PAYLOAD_LENGTH = 64;
const MAX_FRAME = 65535;

/** @param port what the frame is said to have come in by; 0 for none */
export function flowOfFrame(bytes: Uint8Array, port: number): Flow {
  const flow = newFlow();
  flow[W.IN_PORT] = port;
  extractFlow({ bytes, start: 0, end: bytes.length, vlanTci: -1, vlanTpid: 0 }, flow);
  return flow;
}

/** A frame with the headers of a flow, as a dump or with --pcap as a capture file. */
export function composePacket(ofctl: Ofctl, [text = "", payload]: readonly string[]): number {
  const { process, options } = ofctl;
  if (options.pcap && process.stdout.terminal !== undefined) {
    throw new Fatal("not writing pcap data to stdout; redirect to a file or pipe to tcpdump instead");
  }
  const wanted = ofctl.parse(() => parseExactFlow(text, { names: ofctl.names() }));
  const frame = composeFrame(wanted, payload === undefined ? PAYLOAD_LENGTH : payloadBytes(payload));
  if (options.pcap) process.write(1, pcapOf(frame, process.realtime()));
  else process.print(hexDump(frame, false));
  const extracted = flowOfFrame(frame, Port.NONE);
  if (flowsEqual(wanted, extracted)) return 0;
  const names = ofctl.shown();
  process.warn(
    `specified and extracted flows differ:\nspecified: ${formatFlowText(wanted, names)}\nextracted: ${formatFlowText(extracted, names)}`,
  );
  return 1;
}

function payloadBytes(text: string): Uint8Array {
  const { bytes, rest } = scanHexBytes(text);
  if (rest !== "") throw new Fatal(`${text}: trailing garbage in packet data`);
  return bytes;
}

/** The flow of one frame on stdin. */
export async function parsePacket(ofctl: Ofctl): Promise<void> {
  const bytes = await ofctl.readInput();
  ofctl.process.print(`${formatPacket(bytes.subarray(0, MAX_FRAME), ofctl.shown())}\n`);
}

/** The flows of the frames in capture files. */
export function parsePcap(ofctl: Ofctl, paths: readonly string[]): number {
  let status = 0;
  for (const path of paths) {
    const complain = (errno: number, what: string): void => {
      status = errno & 0xff;
      ofctl.complain(`${path}: ${what}`, errno);
    };
    const reader = PcapReader.open(ofctl, path);
    if (typeof reader === "number") {
      complain(reader, "open failed");
      continue;
    }
    for (;;) {
      const frame = reader.next();
      if (frame === END_OF_FILE) break;
      if (typeof frame === "number") {
        complain(frame, "read failed");
        break;
      }
      ofctl.process.print(`${formatFlowText(flowOfFrame(frame.bytes, Port.NONE), ofctl.shown())}\n`);
    }
  }
  return status;
}
