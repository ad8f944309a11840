// Sockets between virtual machines and their host as Linux's vsockmon captures them (LINKTYPE_VSOCK).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";

const HEADER_LENGTH = 32;
const TRANSPORTS: readonly string[] = ["UNKNOWN", "NO_INFO", "VIRTIO"];
const VIRTIO = 2;
const VIRTIO_LENGTH = 44;
const OPERATIONS: readonly string[] = ["UNKNOWN", "CONNECT", "DISCONNECT", "CONTROL", "PAYLOAD"];
const PAYLOAD = 4;
const STREAM = 1;
const VIRTIO_OPERATIONS: readonly string[] = ["INVALID", "REQUEST", "RESPONSE", "RST", "SHUTDOWN", "RW", "CREDIT UPDATE",
  "CREDIT REQUEST"]; // prettier-ignore

function virtio(d: Dissector, at: number): void {
  const type = d.u16le(at + 28);
  const operation = d.u16le(at + 30);
  d.text += ` (len ${d.u32le(at + 24)}, type ${type === STREAM ? "STREAM" : `Invalid type (${type})`}`;
  d.text += `, op ${VIRTIO_OPERATIONS[operation] ?? `Invalid op (${operation})`}`;
  d.text += `, flags ${d.u32le(at + 32).toString(16)}`;
  d.text += `, buf_alloc ${d.u32le(at + 36)}, fwd_cnt ${d.u32le(at + 40)})`;
}

export function vsock(d: Dissector, at: number, _length: number, captured: number): number {
  d.protocol = "vsock";
  if (captured < HEADER_LENGTH) {
    d.truncated();
    return captured;
  }
  const transport = d.u16le(at + 26);
  const operation = d.u16le(at + 24);
  const headers = HEADER_LENGTH + (transport === VIRTIO ? VIRTIO_LENGTH : 0);
  const isCut = d.verbose > 0 && captured < headers;
  d.text += TRANSPORTS[transport] ?? `Invalid transport (${transport})`;
  if (d.verbose === 0) d.text += " ";
  else if (!isCut) {
    if (transport === VIRTIO) virtio(d, at + HEADER_LENGTH);
    d.text += "\n\t";
  }
  d.text += `${d.u64le(at)}.${d.u32le(at + 16)} > ${d.u64le(at + 8)}.${d.u32le(at + 20)}`;
  d.text += ` ${OPERATIONS[operation] ?? ` invalid op (${operation})`}, length ${captured}`;
  if (isCut) d.truncated();
  else if (d.verbose > 1 && operation === PAYLOAD) {
    if (captured > headers) {
      d.text += "\n";
      unknownData(d, at + headers, "\t", captured - headers);
    } else d.truncated();
  }
  return HEADER_LENGTH;
}
