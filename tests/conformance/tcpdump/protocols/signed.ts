// What MD5 signs: TCP segments, IS-IS, RSVP. Right and wrong signatures, with the secret below.

import { createHash, createHmac } from "node:crypto";
import type { Bytes, Choice, Protocol } from "../frames.ts";
import { hex, ieee8023, ipv4, ipv6, u16, u32, zeros } from "../frames.ts";

export const SECRET = "swordfish";
const SIGNATURE_LENGTH = 16;

/** The message with HMAC-MD5 at `at`; `cleared` are fields of two bytes that do not count. */
function signed(message: Bytes, at: number, cleared: readonly number[]): Bytes {
  const copy = Buffer.from(message);
  for (const place of cleared) copy.fill(0, place, place + 2);
  const digest = createHmac("md5", SECRET).update(copy).digest();
  return [...message.slice(0, at), ...digest, ...message.slice(at + SIGNATURE_LENGTH)];
}

function segment(choice: Choice, version6: boolean): Bytes {
  const payload = choice.bytes(choice.below(20));
  const fixed = [
    ...u16(1000),
    ...u16(choice.of([179, 80])),
    ...u32(7),
    ...u32(9),
    0xa0,
    0x18,
    0x10,
    0,
    0,
    0,
    0,
    0,
  ];
  const size = fixed.length + 20 + payload.length;
  const [source, destination] = version6
    ? [hex("fe80000000000000020000fffe000001"), hex("ff020000000000000000000000000005")]
    : [[10, 0, 0, 1], [10, 0, 0, 2]]; // prettier-ignore
  const pseudo = [
    ...source,
    ...destination,
    ...(version6 ? [...u32(size), 0, 0, 0, 6] : [0, 6, ...u16(size)]),
  ];
  const digest = createHash("md5")
    .update(Buffer.from([...pseudo, ...fixed, ...payload]))
    .update(choice.mostly(SECRET, ["wrong"]))
    .digest();
  const whole = [...fixed, 1, 1, 19, 18, ...digest, ...payload];
  return version6 ? ipv6(6, whole) : ipv4(6, whole, "0a000002");
}

function linkState(choice: Choice): Bytes {
  const type = choice.of([18, 20, 15, 17, 24, 27]);
  const fixed: Readonly<Record<number, number>> = { 15: 27, 17: 20, 18: 27, 20: 27, 24: 33, 27: 17 };
  const header = [0x83, fixed[type] ?? 27, 1, 0, type, 1, 0, 0];
  const tlvs = [1, 4, 3, 0x49, 0, 1, 10, 17, 54, ...zeros(SIGNATURE_LENGTH), 129, 1, 0xcc];
  const length = (fixed[type] ?? 27) + tlvs.length;
  const body = Array.from(choice.bytes((fixed[type] ?? 27) - 8));
  const place = type === 15 || type === 17 ? 9 : 0;
  [body[place], body[place + 1]] = [length >>> 8, length & 0xff];
  const message = [...header, ...body, ...tlvs];
  const at = header.length + body.length + 9;
  return ieee8023([0xfe, 0xfe, 3, ...signed(message, at, choice.of([[10, 24], []]))], "0180c2000014");
}

function reservation(choice: Choice): Bytes {
  const integrity = [...u16(36), 4, 1, 0, 0, ...choice.bytes(14), ...zeros(SIGNATURE_LENGTH)];
  const refresh = [...u16(8), 5, 1, ...u32(30_000)];
  const message = [
    0x10,
    1,
    ...choice.bytes(2),
    255,
    0,
    ...u16(8 + integrity.length + 8),
    ...integrity,
    ...refresh,
  ];
  return ipv4(46, signed(message, 28, choice.mostly([2], [[]])), "0a000002");
}

export const signedMessages: Protocol = {
  count: 48,
  frame(choice, index) {
    switch (index % 4) {
      case 0:
        return segment(choice, false);
      case 1:
        return segment(choice, true);
      case 2:
        return linkState(choice);
      default:
        return reservation(choice);
    }
  },
};
