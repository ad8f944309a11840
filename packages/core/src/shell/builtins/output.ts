// echo and printf.

import { decodeEscapes } from "../expand/quote.ts";
import { assignTo } from "../expand/arithmetic.ts";
import type { Builtin } from "./builtin.ts";
import { USAGE_STATUS } from "./builtin.ts";
import { formatPrintf } from "./printf.ts";

export const echo: Builtin = (shell, args) => {
  let at = 0;
  let newline = true;
  let escapes = shell.shopts.has("xpg_echo");
  for (; at < args.length && /^-[neE]+$/.test(args[at] ?? ""); at++) {
    for (const letter of (args[at] ?? "").slice(1)) {
      if (letter === "n") newline = false;
      else escapes = letter === "e";
    }
  }
  const text = args.slice(at).join(" ");
  if (!escapes) shell.print(newline ? `${text}\n` : text);
  else {
    const { bytes, stopped } = decodeEscapes(text, "echo");
    const tail = newline && !stopped ? Uint8Array.of(10) : new Uint8Array(0);
    const whole = new Uint8Array(bytes.length + tail.length);
    whole.set(bytes);
    whole.set(tail, bytes.length);
    shell.printBytes(whole);
  }
  return 0;
};

export const printf: Builtin = (shell, args) => {
  let rest = args;
  let variable: string | undefined;
  if (rest[0] === "-v") {
    variable = rest[1];
    rest = rest.slice(2);
  } else if (/^-v./.test(rest[0] ?? "")) {
    variable = rest[0]?.slice(2);
    rest = rest.slice(1);
  }
  if (rest[0] === "--") rest = rest.slice(1);
  const [format, ...values] = rest;
  if (format === undefined) {
    if (shell.dash) shell.complain("printf: usage: printf format [arg ...]");
    else shell.process.warn("printf: usage: printf [-v var] format [arguments]\n");
    return USAGE_STATUS;
  }
  const { bytes, complaints } = formatPrintf(format, values, Math.floor(shell.process.realtime() / 1e6));
  for (const complaint of complaints) shell.complain(`printf: ${complaint}`);
  if (variable === undefined) shell.printBytes(bytes);
  else assignTo(shell, variable, new TextDecoder().decode(bytes));
  return complaints.length > 0 ? 1 : 0;
};
