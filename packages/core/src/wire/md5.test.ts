import { expect, test } from "vitest";
import { hmacMd5, md5 } from "./md5.ts";

const text = new TextEncoder();

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("the examples of RFC 1321", () => {
  expect(hex(md5(new Uint8Array(0)))).toBe("d41d8cd98f00b204e9800998ecf8427e");
  expect(hex(md5(text.encode("message digest")))).toBe("f96b697d7cb7938d525a2f31aaf161d0");
  expect(hex(md5(text.encode("1234567890".repeat(8))))).toBe("57edf4a22be3c955ac49da2e2107b67a");
});

test("the examples of RFC 2104", () => {
  expect(hex(hmacMd5(new Uint8Array(16).fill(0x0b), text.encode("Hi There")))).toBe(
    "9294727a3638bb1c13f48ef8158bfc9d",
  );
  expect(hex(hmacMd5(text.encode("Jefe"), text.encode("what do ya want for nothing?")))).toBe(
    "750c783e6ab0b503eaa86e310a5db738",
  );
  expect(
    hex(
      hmacMd5(
        new Uint8Array(80).fill(0xaa),
        text.encode("Test Using Larger Than Block-Size Key - Hash Key First"),
      ),
    ),
  ).toBe("6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
});
