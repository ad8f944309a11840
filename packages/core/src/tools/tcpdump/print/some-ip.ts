// SOME/IP of AUTOSAR (R19-11).

import type { Dissector } from "./dissector.ts";

const MESSAGES: ReadonlyMap<number, string> = new Map([
  [0x00, "REQUEST"],
  [0x01, "REQUEST_NO_RETURN"],
  [0x02, "NOTIFICATION"],
  [0x80, "RESPONSE"],
  [0x81, "ERROR"],
  [0x20, "TP_REQUEST"],
  [0x21, "TP_REQUEST_NO_RETURN"],
  [0x22, "TP_NOTIFICATION"],
  [0xa0, "TP_RESPONSE"],
  [0xa1, "TP_ERROR"],
]);
const RETURNS = ["E_OK", "E_NOT_OK", "E_UNKNOWN_SERVICE", "E_UNKNOWN_METHOD", "E_NOT_READY", "E_NOT_REACHABLE",
  "E_TIMEOUT", "E_WRONG_PROTOCOL_VERSION", "E_WRONG_INTERFACE_VERSION", "E_MALFORMED_MESSAGE", "E_WRONG_MESSAGE_TYPE",
  "E_E2E_REPEATED", "E_E2E_WRONG_SEQUENCE", "E_E2E", "E_E2E_NOT_AVAILABLE", "E_E2E_NO_NEW_DATA"]; // prettier-ignore

export function someIp(d: Dissector, at: number, length: number): void {
  d.protocol = "someip";
  d.text += "SOMEIP";
  if (length < 16) {
    d.invalid();
    return;
  }
  const message = d.u32(at);
  d.text += `, service ${message >>> 16}, ${(message & 0x8000) === 0 ? "method" : "event"} ${message & 0x7fff}`;
  d.text += `, len ${d.u32(at + 4)}`;
  const request = d.u32(at + 8);
  d.text += `, client ${request >>> 16}, session ${request & 0xffff}`;
  d.text += `, pver ${d.u8(at + 12)}`;
  d.text += `, iver ${d.u8(at + 13)}`;
  d.text += `, msgtype ${MESSAGES.get(d.u8(at + 14)) ?? "Unknown"}`;
  d.text += `, retcode ${RETURNS[d.u8(at + 15)] ?? "Unknown"}\n`;
}
