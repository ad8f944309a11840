// tcpdump's -E and -M, with keys that fit and that do not, beside the real one: text, and what it has to say about the keys.

import { describe, expect, test } from "vitest";
import { packageMissing } from "../../real-kernel.ts";
import { generated } from "./generated.ts";
import { mutated } from "./packets.ts";
import { runOurs } from "./ours.ts";
import { ipsec, SECRETS } from "./protocols/ipsec.ts";
import { SECRET, signedMessages } from "./protocols/signed.ts";
import { runReal } from "./real.ts";

const missing = packageMissing("tcpdump", "/usr/bin/tcpdump");
if (missing !== undefined) process.stderr.write(`tcpdump's keys are not compared: ${missing}\n`);

async function compare(capture: Uint8Array, words: readonly string[]): Promise<void> {
  const options = ["-nn", "-#", "-vvv", ...words];
  const [real, ours] = await Promise.all([runReal(capture, options), runOurs(capture, options)]);
  expect(ours.stdout).toBe(real.stdout);
  expect(ours.stderr).toBe(real.stderr);
  expect(ours.code).toBe(real.code);
}

describe.skipIf(missing !== undefined)("as the real tcpdump", () => {
  const encrypted = mutated(generated(ipsec), 1, 3);
  test.each(SECRETS)("decrypts with -E '%s'", (secret) => compare(encrypted, ["-E", secret]));

  const signed = mutated(generated(signedMessages), 1, 3);
  test.each([
    SECRET,
    "",
    "another that is longer than a block of MD5, which makes it a digest of itself at first",
  ])("checks signatures with -M '%s'", (secret) => compare(signed, ["-M", secret]));
});
