// envsubst of gettext 0.21: puts the values of the environment where standard input has $NAME or ${NAME}. With an operand only the
// variables that it names are replaced.

import type { Program } from "../../system/process.ts";
import { has, parseOptions, usageError } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { openReader, readAll, writeBytes } from "../coreutils/streams.ts";

const VARIABLE = /\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;

function namesIn(format: string): string[] {
  return [...format.matchAll(VARIABLE)].map(([, braced, plain]) => braced ?? plain ?? "");
}

export const envsubst: Program = program(async (process) => {
  const parsed = parseOptions(process, { short: "vhV", long: { variables: "v", help: "h", version: "V" } });
  const [format, extra] = parsed.operands;
  if (extra !== undefined) usageError(process, "too many arguments");
  if (has(parsed, "v")) {
    process.print(
      namesIn(format ?? "")
        .map((name) => `${name}\n`)
        .join(""),
    );
    return 0;
  }
  const wanted = format === undefined ? undefined : new Set(namesIn(format));
  const text = new TextDecoder().decode(await readAll(openReader(process, "-")));
  const replaced = text.replace(VARIABLE, (whole: string, braced?: string, plain?: string) => {
    const name = braced ?? plain ?? "";
    return wanted?.has(name) === false ? whole : (process.env.get(name) ?? "");
  });
  await writeBytes(process, new TextEncoder().encode(replaced));
  return 0;
});
