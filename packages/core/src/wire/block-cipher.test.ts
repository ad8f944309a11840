import { expect, test } from "vitest";
import { aes } from "./aes.ts";
import { decryptChained } from "./block-cipher.ts";
import { tripleDes } from "./triple-des.ts";

function bytes(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const PLAIN = "00112233445566778899aabbccddeeff";

test("the examples of FIPS 197, appendix C", () => {
  const key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  expect(hex(aes(bytes(key.slice(0, 32))).decrypt(bytes("69c4e0d86a7b0430d8cdb78070b4c55a")))).toBe(PLAIN);
  expect(hex(aes(bytes(key.slice(0, 48))).decrypt(bytes("dda97ca4864cdfe06eaf70a0ec0d7191")))).toBe(PLAIN);
  expect(hex(aes(bytes(key)).decrypt(bytes("8ea2b7ca516745bfeafc49904b496089")))).toBe(PLAIN);
});

test("the example of NIST SP 800-67, appendix B: three keys, three blocks", () => {
  const cipher = tripleDes(bytes("0123456789abcdef23456789abcdef01456789abcdef0123"));
  const text = ["a826fd8ce53b855f", "cce21c8112256fe6", "68d5c05dd9b6b900"].map((block) =>
    String.fromCharCode(...cipher.decrypt(bytes(block))),
  );
  expect(text.join("")).toBe("The qufck brown fox jump");
});

test("blocks in a chain", () => {
  // RFC 3602, 4, case 2
  const cipher = aes(bytes("c286696d887c9aa0611bbb3e2025a45a"));
  const vector = bytes("562e17996d093d28ddb3ba695a2e6f58");
  const secret = bytes("d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1");
  expect(hex(decryptChained(cipher, vector, secret))).toBe(
    hex(Uint8Array.from({ length: 32 }, (_, index) => index)),
  );
});
