// IPsec: ESP that is encrypted with keys that are known, over IPv4, IPv6 and behind UDP, IKEv2 messages encrypted alike, AH and IPComp.

import { createCipheriv } from "node:crypto";
import type { Bytes, Choice, Protocol } from "../frames.ts";
import { hex, ipv4, ipv6, u16, u32, udp } from "../frames.ts";

const TRIPLE_DES_KEY = "4043434545464649494a4a4c4c4f4f515152525454575758";
const AES_KEY = "000102030405060708090a0b0c0d0e0f";
const SPI = 0x1234_5678;
const COOKIES = "0102030405060708a1a2a3a4a5a6a7a8";
const CHECK_LENGTH = 12;

/** Values of -E for what is below. */
export const SECRETS: readonly string[] = [
  `3des-cbc-hmac96:0x${TRIPLE_DES_KEY}`,
  `0x12345678@10.0.0.2 3des-cbc-hmac96:0x${TRIPLE_DES_KEY}`,
  `0x12345678@ff02::5 aes128-cbc-hmac96:0x${AES_KEY},305419897@10.0.0.2 aes128-hmac96:0x${AES_KEY}`,
  `ikev2 I 0x0102030405060708 0xa1a2a3a4a5a6a7a8 sha1:0x00 aes128:0x${AES_KEY}`,
  `ikev2 R 0x0102030405060708 0xA1A2A3A4A5A6A7A8 none:0x00 3des-cbc-hmac96:0x${TRIPLE_DES_KEY}`,
  "aes256:short",
  "aes-128-cbc-hmac96:0x00",
  "nothing",
  "1@somewhere aes128:0x00,zz@10.0.0.2 aes128:0x11,12 aes128:0x22",
  "ikev2 I,ikev2 X 0x12 0x34 a:b c:d",
  ",aes128:x,",
];

function encrypted(algorithm: "3des" | "aes", choice: Choice, plain: Bytes): Bytes {
  const isAes = algorithm === "aes";
  const vector = choice.bytes(isAes ? 16 : 8);
  const key = Buffer.from(isAes ? AES_KEY : TRIPLE_DES_KEY, "hex");
  const cipher = createCipheriv(isAes ? "aes-128-cbc" : "des-ede3-cbc", key, Buffer.from(vector));
  cipher.setAutoPadding(false);
  const secret = Buffer.concat([cipher.update(Buffer.from(plain)), cipher.final()]);
  return [...vector, ...secret, ...choice.bytes(CHECK_LENGTH)];
}

/** Padded to whole blocks, with length of the padding and next header. */
function padded(plain: Bytes, block: number, next: number, length?: number): Bytes {
  const padding = (2 * block - ((plain.length + 2) % block)) % block;
  return [...plain, ...Array.from({ length: padding }, (_, index) => index + 1), length ?? padding, next];
}

function inner(choice: Choice): readonly [number, Bytes] {
  return choice.of([
    [1, [8, 0, 0xf7, 0xff, 0, 0, 0, 0, ...choice.bytes(9)]],
    [17, [...u16(1000), ...u16(53), ...u16(12), 0, 0, 1, 2, 3, 4]],
    [6, [...u16(1000), ...u16(80), ...u32(1), ...u32(2), 0x50, 2, 0x10, 0, 0, 0, 0, 0]],
    [4, [0x45, 0, 0, 20, 0, 1, 0, 0, 64, 59, 0, 0, 10, 1, 0, 1, 10, 1, 0, 2]],
    [59, choice.bytes(4)],
    [6, choice.bytes(7)],
  ] as const);
}

function esp(choice: Choice, algorithm: "3des" | "aes", spi = SPI): Bytes {
  const [next, plain] = inner(choice);
  const whole = padded(plain, algorithm === "aes" ? 16 : 8, next, choice.mostly(undefined, [200]));
  return [...u32(spi), ...u32(choice.below(99)), ...encrypted(algorithm, choice, whole)];
}

function keyExchange(choice: Choice): Bytes {
  const [isInitiator, algorithm] = choice.of([[8, "aes"], [0x20, "3des"], [0, "3des"]] as const); // prettier-ignore
  const payloads = [
    ...[39, 0, ...u16(12), 1, 0, 0, 0, ...choice.bytes(4)],
    ...[0, 0, ...u16(16), 2, 0, 0, 0, ...choice.bytes(8)],
  ];
  const secret = encrypted(
    algorithm,
    choice,
    padded(payloads, algorithm === "aes" ? 16 : 8, 0)
      .slice(0, -1)
      .concat(0),
  );
  const body = [35, 0, ...u16(4 + secret.length), ...secret];
  const header = [...hex(COOKIES), 46, 0x20, 35, isInitiator, ...u32(1), ...u32(28 + body.length)];
  return [...header, ...body];
}

function authentication(choice: Choice): Bytes {
  const units = choice.mostly(4, [1, 30]);
  return [
    ...[59, units, 0, choice.mostly(0, [7])],
    ...choice.bytes(8),
    ...choice.bytes(12),
    ...choice.bytes(4),
  ];
}

export const ipsec: Protocol = {
  count: 100,
  frame(choice, index) {
    switch (index % 10) {
      case 0:
      case 1:
      case 2:
        return ipv4(50, esp(choice, "3des"), "0a000002");
      case 3:
        return ipv6(50, esp(choice, "aes"));
      case 4:
        return ipv4(50, esp(choice, "aes", SPI + 1), "0a000002");
      case 5:
        return udp(
          4500,
          4500,
          choice.of([esp(choice, "3des"), [0xff], [1, 2], [...u32(0), ...keyExchange(choice)]]),
        );
      case 6:
        return ipv4(51, authentication(choice), "0a000002");
      case 7:
        return ipv4(108, [6, 0, ...u16(choice.below(999)), ...choice.bytes(choice.below(9))], "0a000002");
      case 8:
        return ipv4(50, [...u32(SPI), ...choice.bytes(choice.below(30))], "0a000002");
      default:
        return udp(500, 500, keyExchange(choice));
    }
  },
};
