// Shows where our tcpdump and the real one differ on capture files, on generated captures (mutated too) by their names, or on sweeps
// (whole) by theirs; without any of them, on everything that is generated. With -s files are mutated as well:
// `show.ts [-n MAX] [-s SEED] [-w FILE] [FILE|NAME...] [-- OPTIONS]`. Without options, the usual sets are tried; -w writes the
// last capture, for a look at it with the real one.

import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { generated, PROTOCOLS, swept, SWEEPS } from "./generated.ts";
import { byPacket, mutated, readCapture, uncut } from "./packets.ts";
import { runOurs } from "./ours.ts";
import { runReal } from "./real.ts";

/** Characters shown before the first that differs. */
const CONTEXT = 50;
const OPTION_SETS = ["-nn -vvv -e", "-nn", "-nn -q -e -X"];

const args = process.argv.slice(2);
let limit = 1;
if (args[0] === "-n") {
  limit = Number(args[1]);
  args.splice(0, 2);
}
let seed: number | undefined;
if (args[0] === "-s") {
  seed = Number(args[1]);
  args.splice(0, 2);
}
let output: string | undefined;
if (args[0] === "-w") {
  output = args[1];
  args.splice(0, 2);
}
const divider = args.indexOf("--");
const given = divider < 0 ? args : args.slice(0, divider);
const files = given.length > 0 ? given : [...Object.keys(PROTOCOLS), ...Object.keys(SWEEPS)];
const sets = divider < 0 ? OPTION_SETS : [args.slice(divider + 1).join(" ")];

const said = new Set<string>();
let same = 0;
let different = 0;

function captureOf(file: string): Uint8Array {
  const [protocol, sweep] = [PROTOCOLS[file], SWEEPS[file]];
  if (protocol !== undefined) return mutated(generated(protocol, seed), 2, seed ?? 1);
  if (sweep !== undefined) return uncut(swept(sweep));
  return seed === undefined ? readFileSync(file) : mutated(readCapture(file), 1, seed);
}

for (const file of files) {
  const capture = captureOf(file);
  if (output !== undefined) writeFileSync(output, capture);
  const more = SWEEPS[file]?.options ?? [];
  for (const set of sets) {
    const options = ["-#", "-t", ...more, ...set.split(" ").filter((word) => word !== "")];
    const real = await runReal(capture, options);
    const ours = await runOurs(capture, options).catch((fault: unknown) => ({
      stdout: String(fault instanceof Error ? fault.stack : fault),
      stderr: "",
      code: -1,
    }));
    const expected = byPacket(real.stdout);
    const got = byPacket(ours.stdout);
    let shown = 0;
    for (const [number, text] of expected) {
      if (got.get(number) === text) {
        same++;
        continue;
      }
      different++;
      if (shown++ >= limit) continue;
      const [wanted, had] = [text.split("\n"), (got.get(number) ?? "").split("\n")];
      let line = 0;
      while (line < wanted.length - 1 && wanted[line] === had[line]) line++;
      const key = `${wanted[line]?.slice(8)}|${had[line]?.slice(8)}`;
      if (said.has(key)) {
        shown--;
        continue;
      }
      said.add(key);
      console.log(`== ${basename(file)} #${number} ${set}`);
      const [left = "", right = ""] = [wanted[line], had[line]];
      let column = 0;
      while (column < left.length && left[column] === right[column]) column++;
      const from = Math.max(0, column - CONTEXT);
      console.log(` - ${left.slice(from)}\n + ${right.slice(from)}`);
    }
    if (real.stderr !== ours.stderr) {
      const [a, b] = [real.stderr.trim(), ours.stderr.trim()];
      if (a !== b) console.log(`== ${basename(file)} stderr ${set}\n - ${a}\n + ${b}`);
    }
    if (real.code !== ours.code) console.log(`== ${basename(file)} status ${real.code}, ours ${ours.code}`);
  }
}
console.log(`${same} packets equal, ${different} not`);
