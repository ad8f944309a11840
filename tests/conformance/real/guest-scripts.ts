// Scripts for a guest, which have no recording: the three ways are compared with each other. One command a line, as in the
// recordings' scripts: "@" before a line that is not compared, "#" before a remark.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../golden.ts";
import type { Script } from "./three-ways.ts";

const FOLDER = join(import.meta.dirname, "guest");

export type GuestScript = Script & { readonly name: string };

export function guestScriptNames(): string[] {
  return readdirSync(FOLDER)
    .map((file) => file.replace(/\.sh$/, ""))
    .sort();
}

export function guestScript(name: string): GuestScript {
  const steps = stepsOf(readFileSync(join(FOLDER, `${name}.sh`), "utf8"));
  return { name, steps, loopbackUp: false, hostName: "vethhost" };
}

/** Without a recording: none of the lines is known to vary of itself. */
function stepsOf(lines: string): Step[] {
  const nothing = { stdout: "", stderr: "", rc: 0 };
  return lines
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) =>
      line.startsWith("@")
        ? { type: "silent", cmd: line.slice(1) }
        : { type: "command", recorded: { cmd: line, first: nothing, second: nothing, mayVary: false } },
    );
}
