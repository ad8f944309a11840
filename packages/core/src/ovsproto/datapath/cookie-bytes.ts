// What the switch daemon gives a userspace action to know it by, as bytes (struct user_action_cookie of Open vSwitch's
// lib/odp-util.h). The kernel hands them back as they are. The bridge, which is an UUID there, is left out: it is not shown.

import { readU16Host, readU32Host, writeU16Host, writeU32Host } from "../../netlink/host-bytes.ts";
import { readU16BE, readU32BE, writeU16BE, writeU32BE } from "../../wire/bytes.ts";
import { newFlow } from "../flow/flow.ts";
import type { UserspaceCookie } from "./actions.ts";

const LENGTH = 48;
/** Where what the types differ in begins. */
const REST = 24;
const TYPE = { SFLOW: 1, SLOW_PATH: 2, FLOW_SAMPLE: 3, IPFIX: 4, CONTROLLER: 5 } as const;
const DIRECTIONS = [undefined, "ingress", "egress"] as const;

export function cookieBytes(cookie: UserspaceCookie): Uint8Array {
  if (cookie.type === "userdata") return cookie.bytes;
  const bytes = new Uint8Array(LENGTH);
  switch (cookie.type) {
    case "sflow":
      writeU16Host(bytes, 0, TYPE.SFLOW);
      writeU16BE(bytes, REST, cookie.vlanTci);
      writeU32Host(bytes, REST + 4, cookie.output);
      return bytes;
    case "slow_path":
      writeU16Host(bytes, 0, TYPE.SLOW_PATH);
      writeU32Host(bytes, REST + 4, cookie.reason);
      return bytes;
    case "flow_sample":
      writeU16Host(bytes, 0, TYPE.FLOW_SAMPLE);
      writeU16Host(bytes, REST, cookie.probability);
      writeU32Host(bytes, REST + 4, cookie.collectorSet);
      writeU32Host(bytes, REST + 8, cookie.domain);
      writeU32Host(bytes, REST + 12, cookie.point);
      writeU32Host(bytes, REST + 16, cookie.outputPort);
      writeU32Host(bytes, REST + 20, DIRECTIONS.indexOf(cookie.direction));
      return bytes;
    case "ipfix":
      writeU16Host(bytes, 0, TYPE.IPFIX);
      writeU32Host(bytes, REST, cookie.outputPort);
      return bytes;
    case "controller":
      writeU16Host(bytes, 0, TYPE.CONTROLLER);
      writeU32Host(bytes, 4, cookie.inPort);
      bytes[REST] = cookie.dontSend ? 1 : 0;
      bytes[REST + 1] = cookie.continuation ? 1 : 0;
      writeU16Host(bytes, REST + 2, cookie.reason);
      writeU32Host(bytes, REST + 4, cookie.recircId);
      writeU32BE(bytes, REST + 8, Number(cookie.ruleCookie >> 32n));
      writeU32BE(bytes, REST + 12, Number(cookie.ruleCookie & 0xffff_ffffn));
      writeU16Host(bytes, REST + 16, cookie.controllerId);
      writeU16Host(bytes, REST + 18, cookie.maxLength);
      return bytes;
  }
}

/** format_odp_userspace_action(): bytes of another length, or of a type that nobody knows, are somebody else's. */
export function readCookie(bytes: Uint8Array): UserspaceCookie {
  const other: UserspaceCookie = { type: "userdata", bytes };
  if (bytes.length !== LENGTH) return other;
  const at = (offset: number) => readU32Host(bytes, REST + offset);
  switch (readU16Host(bytes, 0)) {
    case TYPE.SFLOW:
      return { type: "sflow", bridge: "", vlanTci: readU16BE(bytes, REST), output: at(4) };
    case TYPE.SLOW_PATH:
      return { type: "slow_path", reason: at(4) };
    case TYPE.FLOW_SAMPLE:
      return {
        type: "flow_sample",
        bridge: "",
        probability: readU16Host(bytes, REST),
        collectorSet: at(4),
        domain: at(8),
        point: at(12),
        outputPort: at(16),
        direction: DIRECTIONS[at(20)],
      };
    case TYPE.IPFIX:
      return { type: "ipfix", bridge: "", outputPort: at(0) };
    case TYPE.CONTROLLER:
      return {
        type: "controller",
        dontSend: bytes[REST] !== 0,
        continuation: bytes[REST + 1] !== 0,
        bridge: "",
        reason: readU16Host(bytes, REST + 2),
        inPort: readU32Host(bytes, 4),
        metadata: newFlow(),
        recircId: at(4),
        ruleCookie: (BigInt(readU32BE(bytes, REST + 8)) << 32n) | BigInt(readU32BE(bytes, REST + 12)),
        controllerId: readU16Host(bytes, REST + 16),
        maxLength: readU16Host(bytes, REST + 18),
        userdata: undefined,
        tableId: 0,
        meterId: undefined,
      };
    default:
      return other;
  }
}
