// Random OpenFlow messages of every kind and version, whole and damaged, are printed as `ovs-ofctl ofp-parse` of Debian prints
// them, with what it logs of those that it refuses.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { LogBudget } from "@patchcord/core/ovsproto/openflow/log-limits.ts";
import { formatMessage } from "@patchcord/core/ovsproto/openflow/message-text.ts";
import { expect, test } from "vitest";
import { realToolsMissing } from "./compare.ts";
import { damaged, generator, messageOf, readTemplates } from "./message-templates.ts";

const missing = realToolsMissing();
if (missing !== undefined) console.log(`OpenFlow messages as text: not compared, ${missing}`);

const PER_TEMPLATE = 3;
const SEED = 4;
/** Damaged messages in one run of the real tool, few enough that its log leaves few out. */
const PER_RUN = 4;

const OFCTL = "/usr/bin/ovs-ofctl";
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const ours = (bytes: Uint8Array): string => formatMessage(bytes, { verbosity: 2 });
const real = (words: readonly string[], input?: Uint8Array): string =>
  spawnSync(OFCTL, words, { encoding: "utf8", maxBuffer: 1 << 26, ...(input ? { input } : {}) }).stdout;

const templates = readTemplates(readFileSync(new URL("fixtures/messages.txt", import.meta.url), "utf8"));

interface Printed {
  readonly text: string;
  /** As `ofp_msgs|WARN|...`. */
  readonly log: readonly string[];
}

function oursWithLog(messages: readonly Uint8Array[]): Printed {
  const log: string[] = [];
  const budget = new LogBudget();
  const text = messages.map((bytes) =>
    formatMessage(bytes, {
      verbosity: 2,
      log: (module, level, what) => {
        if (budget.admits(module, what)) log.push(`${module}|${level}|${what}`.trimEnd());
      },
    }),
  );
  return { text: text.join(""), log };
}

function realWithLog(messages: readonly Uint8Array[]): Printed {
  const input = Buffer.concat(messages);
  const { stdout, stderr } = spawnSync(OFCTL, ["ofp-parse", "-"], { encoding: "utf8", input });
  // Each has a time and a number in front; a dump of bytes goes over several lines.
  const log = stderr.trimEnd().split(/^\S+Z\|\d+\|/m);
  return { text: stdout, log: log.slice(1).map((entry) => entry.trimEnd()) };
}

test.skipIf(missing !== undefined)("messages are printed alike", { timeout: 300_000 }, () => {
  const random = generator(SEED);
  const messages = templates.flatMap((template) =>
    Array.from({ length: PER_TEMPLATE }, () => messageOf(template, random)),
  );
  if (real(["ofp-parse", "-"], Buffer.concat(messages)) === messages.map(ours).join("")) return;
  // Which ones they are is asked one by one.
  const pairs = messages.map((bytes) => ({ hex: hexOf(bytes), ours: ours(bytes) }));
  expect(pairs).toEqual(pairs.map(({ hex }) => ({ hex, ours: real(["ofp-print", hex]) })));
});

test.skipIf(missing !== undefined)("damaged messages are refused alike", { timeout: 300_000 }, () => {
  const random = generator(SEED);
  const messages = templates.map((template) => damaged(messageOf(template, random), random));
  const runs = Array.from({ length: Math.ceil(messages.length / PER_RUN) }, (_, run) =>
    messages.slice(run * PER_RUN, (run + 1) * PER_RUN),
  );
  const told = (printed: (run: readonly Uint8Array[]) => Printed) =>
    runs.map((run) => ({ hex: run.map(hexOf), ...printed(run) }));
  expect(told(oursWithLog)).toEqual(told(realWithLog));
});
