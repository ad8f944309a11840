// Random OpenFlow messages of every kind and version are printed as `ovs-ofctl ofp-parse` of Debian prints them.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { formatMessage } from "@patchcord/core/ovsproto/openflow/message-text.ts";
import { expect, test } from "vitest";
import { realToolsMissing } from "./compare.ts";
import { generator, messageOf, readTemplates } from "./message-templates.ts";

const missing = realToolsMissing();
if (missing !== undefined) console.log(`OpenFlow messages as text: not compared, ${missing}`);

const PER_TEMPLATE = 3;
const SEED = 4;

const OFCTL = "/usr/bin/ovs-ofctl";
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const ours = (bytes: Uint8Array): string => formatMessage(bytes, { verbosity: 2 });
const real = (words: readonly string[], input?: Uint8Array): string =>
  spawnSync(OFCTL, words, { encoding: "utf8", maxBuffer: 1 << 26, ...(input ? { input } : {}) }).stdout;

test.skipIf(missing !== undefined)("messages are printed alike", { timeout: 300_000 }, () => {
  const templates = readTemplates(readFileSync(new URL("fixtures/messages.txt", import.meta.url), "utf8"));
  const random = generator(SEED);
  const messages = templates.flatMap((template) =>
    Array.from({ length: PER_TEMPLATE }, () => messageOf(template, random)),
  );
  if (real(["ofp-parse", "-"], Buffer.concat(messages)) === messages.map(ours).join("")) return;
  // Which ones they are is asked one by one.
  const pairs = messages.map((bytes) => ({ hex: hexOf(bytes), ours: ours(bytes) }));
  expect(pairs).toEqual(pairs.map(({ hex }) => ({ hex, ours: real(["ofp-print", hex]) })));
});
