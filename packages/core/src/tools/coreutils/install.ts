// install(1) of coreutils 9.1: copies files with a mode, or makes directories (-d).

import type { Process } from "../../system/process.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { attempt, complain, localeQuoted, program, quoted } from "./program.ts";
import { changedMode } from "./permissions.ts";

const STANDARD_MODE = "755";

function makeParents(process: Process, path: string): void {
  const parts = path.split("/");
  for (let count = 1; count <= parts.length; count++) {
    const upTo = parts.slice(0, count).join("/");
    if (upTo !== "" && !isDirectory(process, upTo)) process.files.makeDirectory(upTo, 0o755);
  }
}

function isDirectory(process: Process, path: string): boolean {
  try {
    return process.files.status(path).type === "directory";
  } catch (refusal) {
    if (refusal instanceof Refusal) return false;
    throw refusal;
  }
}

export const install = program((process) => {
  const parsed = parseOptions(process, {
    short: "bcCdDg:m:o:pst:Tv",
    long: {
      directory: "d",
      "group=": "g",
      "mode=": "m",
      "owner=": "o",
      "preserve-timestamps": "p",
      "target-directory=": "t",
      "no-target-directory": "T",
      verbose: "v",
    },
  });
  const modeText = valueOf(parsed, "m") ?? STANDARD_MODE;
  const mode = changedMode(modeText, 0, "file");
  if (mode === undefined) {
    complain(process, `invalid mode ${localeQuoted(process, modeText)}`);
    return 1;
  }
  const operands = [...parsed.operands];
  if (operands.length === 0) usageError(process, "missing file operand");
  let status = 0;
  if (has(parsed, "d")) {
    for (const path of operands) {
      const make = (): void => {
        makeParents(process, path);
        process.files.changeMode(path, mode);
      };
      if (!attempt(process, make, (error) => `cannot create directory ${quoted(path)}: ${error}`)) status = 1;
    }
    return status;
  }
  const target = valueOf(parsed, "t") ?? operands.pop();
  if (target === undefined || operands.length === 0)
    usageError(process, `missing destination file operand after ${quoted(target ?? "")}`);
  const into = isDirectory(process, target) && !has(parsed, "T");
  for (const source of operands) {
    const path = into ? `${target}/${source.slice(source.lastIndexOf("/") + 1)}` : target;
    const copy = (): void => {
      const bytes = process.files.readFile(source);
      if (has(parsed, "D") && path.includes("/")) makeParents(process, path.slice(0, path.lastIndexOf("/")));
      process.files.writeFile(path, bytes);
      process.files.changeMode(path, mode);
      if (has(parsed, "v")) process.print(`${quoted(source)} -> ${quoted(path)}\n`);
    };
    if (!attempt(process, copy, (error) => `cannot stat ${quoted(source)}: ${error}`)) status = 1;
  }
  return status;
});
