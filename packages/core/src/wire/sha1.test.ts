import { expect, test } from "vitest";
import { sha1Compress, sha1Hex } from "./sha1.ts";

const text = new TextEncoder();

test("the examples of FIPS 180-4", () => {
  expect(sha1Hex(text.encode("abc"))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
  expect(sha1Hex(text.encode("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))).toBe(
    "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
  );
  expect(sha1Hex(new Uint8Array(0))).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
});

test("one block with its padding is the hash", () => {
  const block = new Uint8Array(64);
  block.set(text.encode("abc"));
  block[3] = 0x80;
  block[63] = 24; // bits
  const words = sha1Compress(block).map((word) => word.toString(16).padStart(8, "0"));
  expect(words.join("")).toBe(sha1Hex(text.encode("abc")));
});
