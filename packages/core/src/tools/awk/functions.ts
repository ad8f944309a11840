// awk's own functions (POSIX awk, Functions), and those that mawk adds: fflush, length of an array, strftime, mktime, systime.

import { formatTime } from "../../system/calendar.ts";
import { after } from "./eventually.ts";
import type { Eventually } from "./eventually.ts";
import { evaluate, evaluateAll, patternOf, place } from "./evaluate.ts";
import { formatted } from "./execute.ts";
import { separatorOf, splitText } from "./fields.ts";
import type { Separator } from "./fields.ts";
import type { Machine } from "./machine.ts";
import type { Expression, LeftValue } from "./syntax.ts";
import { InputText, toNumber } from "./values.ts";
import type { Value } from "./values.ts";

type Builtin = (machine: Machine, args: readonly Expression[]) => Eventually<Value>;

/** A function of values; `texts` and `numbers` are what the arguments are as such. */
interface Arguments {
  readonly machine: Machine;
  readonly values: readonly Value[];
  text(at: number): string;
  number(at: number): number;
}

function ofValues(compute: (args: Arguments) => Eventually<Value>): Builtin {
  return (machine, args) =>
    after(evaluateAll(machine, args), (values) =>
      compute({
        machine,
        values,
        text: (at) => machine.text(values[at]),
        number: (at) => toNumber(values[at]),
      }),
    );
}

function ofNumber(compute: (value: number) => number): Builtin {
  return ofValues(({ number }) => compute(number(0)));
}

const RANDOM_STEP = 0x9e3779b9;

/** Seeded by the system's randomness, which is left alone by programs that want none. */
function generatorOf(machine: Machine): NonNullable<Machine["random"]> {
  if (!machine.random) {
    const seed = machine.process.system.random32() >>> 1;
    machine.random = { seed, state: seed };
  }
  return machine.random;
}

/** In [0, 1): a counter that is mixed (SplitMix32). mawk's own numbers depend on how it was built. */
function random(machine: Machine): number {
  const generator = generatorOf(machine);
  generator.state = (generator.state + RANDOM_STEP) >>> 0;
  let mixed = generator.state;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
}

/** The old seed. Without an argument the time of day is the new one. */
function seedRandom({ machine, values, number }: Arguments): number {
  const generator = generatorOf(machine);
  const before = generator.seed;
  generator.seed = values.length > 0 ? number(0) : Math.floor(machine.process.realtime() / 1e6);
  generator.state = Math.trunc(generator.seed) >>> 0;
  return before;
}

/** From the `start`th character on, the first of which is 1. mawk 1.3.4 lengthens what begins before 0 by that much. */
function substring({ values, text, number }: Arguments): string {
  const start = Math.trunc(number(1)) || 0;
  const length = values.length > 2 ? Math.trunc(number(2) - Math.min(0, start)) : Number.POSITIVE_INFINITY;
  const from = Math.max(0, start - 1);
  return length > 0 ? text(0).slice(from, from + length) : "";
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

function length(machine: Machine, [arg]: readonly Expression[]): Eventually<Value> {
  if (!arg) return machine.text(machine.fields.record).length;
  if (arg.type === "variable") {
    const { array, origin } = machine.cell(arg.variable);
    const elements = array ?? origin?.array;
    if (elements) return elements.count;
  }
  return after(evaluate(machine, arg), (value) => machine.text(value).length);
}

function match(machine: Machine, [text, pattern]: readonly Expression[]): Eventually<Value> {
  if (!text || !pattern) throw new Error("the parser counts arguments");
  return after(evaluate(machine, text), (value) =>
    after(patternOf(machine, pattern), (expression) => {
      expression.lastIndex = 0;
      const found = expression.exec(machine.text(value));
      machine.global("RSTART").value = found ? found.index + 1 : 0;
      machine.global("RLENGTH").value = found ? found[0].length : -1;
      return found ? found.index + 1 : 0;
    }),
  );
}

function split(machine: Machine, [text, array, pattern]: readonly Expression[]): Eventually<Value> {
  if (!text || array?.type !== "variable") throw new Error("the parser counts arguments");
  const { variable } = array;
  return after(evaluate(machine, text), (value) =>
    after(separatorFor(machine, pattern), (separator) => {
      const elements = machine.array(variable);
      const parts = splitText(machine.text(value), separator);
      elements.clear();
      for (const [at, part] of parts.entries()) elements.set(at + 1, new InputText(part));
      return parts.length;
    }),
  );
}

function separatorFor(machine: Machine, pattern: Expression | undefined): Eventually<Separator> {
  if (pattern?.type === "regexp") return pattern.expression;
  const text = pattern ? evaluate(machine, pattern) : machine.global("FS").value;
  return after(text, (value) => separatorOf(machine.text(value), machine.dialect));
}

/** sub and gsub: how many were replaced. */
function substitution(all: boolean): Builtin {
  return (machine, [pattern, replacement, target]) => {
    if (!pattern || !replacement) throw new Error("the parser counts arguments");
    const to: LeftValue = isPlace(target) ? target : { type: "field", index: { type: "constant", value: 0 } };
    return after(patternOf(machine, pattern), (expression) =>
      after(evaluate(machine, replacement), (value) => {
        const template = templateOf(machine.text(value));
        if (target && !isPlace(target))
          return after(
            evaluate(machine, target),
            (text) => replaced(machine.text(text), expression, template, all).count,
          );
        return after(place(machine, to), ({ get, set }) => {
          const { text, count } = replaced(machine.text(get()), expression, template, all);
          if (count > 0) set(text);
          return count;
        });
      }),
    );
  };
}

function isPlace(target: Expression | undefined): target is LeftValue {
  return target?.type === "variable" || target?.type === "field" || target?.type === "element";
}

/** A replacement text: `&` is what matched, unless a backslash stands before it. */
function templateOf(text: string): (matched: string) => string {
  const parts = text.match(/\\\\|\\&|&|[^\\&]+|\\/g) ?? [];
  return (matched) =>
    parts
      .map((part) => (part === "&" ? matched : part === "\\&" ? "&" : part === "\\\\" ? "\\" : part))
      .join("");
}

function replaced(
  text: string,
  expression: RegExp,
  template: (matched: string) => string,
  all: boolean,
): { readonly text: string; readonly count: number } {
  let out = "";
  let count = 0;
  let from = 0;
  let lastEnd = -1;
  expression.lastIndex = 0;
  for (let found = expression.exec(text); found; found = expression.exec(text)) {
    const end = found.index + found[0].length;
    // an empty match right behind another match is none
    if (found[0] !== "" || found.index !== lastEnd) {
      out += text.slice(from, found.index) + template(found[0]);
      from = end;
      count++;
      if (!all) break;
    }
    lastEnd = end;
    if (found[0] === "") expression.lastIndex = end + 1;
    if (expression.lastIndex > text.length) break;
  }
  return { text: out + text.slice(from), count };
}

const SECONDS_OF_DAY = 86_400;

/** Days from 1970-01-01 in the Gregorian calendar; months and days may be out of their range. */
function daysFromEpoch(year: number, month: number, day: number): number {
  const months = year * 12 + month - 1;
  // years that begin in March, so that the leap day is the last
  const shifted = months - 2;
  const y = Math.floor(shifted / 12);
  const m = shifted - y * 12;
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leaps + Math.floor((153 * m + 2) / 5) + day - 1 - 719_468;
}

/** "YYYY MM DD HH MM SS" in UTC, to seconds since the epoch; -1 for what is none. */
function makeTime(text: string): number {
  const [year, month, day, hour = 0, minute = 0, second = 0] = text.trim().split(/\s+/).map(Number);
  if (year === undefined || month === undefined || day === undefined) return -1;
  const seconds = daysFromEpoch(year, month, day) * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second;
  return Number.isNaN(seconds) ? -1 : seconds;
}

function timeText({ machine, values, text, number }: Arguments): string {
  const format = values.length > 0 ? text(0) : "%c";
  const micros = values.length > 1 ? Math.trunc(number(1)) * 1e6 : machine.process.realtime();
  return formatTime(format, micros);
}

function flush({ machine, values, text }: Arguments): Eventually<Value> {
  const { streams } = machine;
  if (values.length === 0) return after(streams.standard.flush(), () => 0);
  if (text(0) === "") return after(streams.flush(), () => 0);
  if (text(0) === "/dev/stdout") return after(streams.standard.flush(), () => 0);
  return streams.flushOne(text(0));
}

const BUILTINS: Readonly<Record<string, Builtin>> = {
  atan2: ofValues(({ number }) => Math.atan2(number(0), number(1))),
  close: ofValues(({ machine, text }) => machine.streams.close(text(0))),
  cos: ofNumber(Math.cos),
  exp: ofNumber(Math.exp),
  fflush: ofValues(flush),
  gsub: substitution(true),
  index: ofValues(({ text }) => text(0).indexOf(text(1)) + 1),
  int: ofNumber(Math.trunc),
  length,
  log: ofNumber(Math.log),
  match,
  mktime: ofValues(({ text }) => makeTime(text(0))),
  rand: ofValues(({ machine }) => random(machine)),
  sin: ofNumber(Math.sin),
  split,
  sprintf: ofValues(({ machine, text, values }) => formatted(machine, "sprintf", text(0), values.slice(1))),
  sqrt: ofNumber(Math.sqrt),
  srand: ofValues(seedRandom),
  strftime: ofValues(timeText),
  sub: substitution(false),
  substr: ofValues(substring),
  system: ofValues(({ machine, text }) => machine.streams.run(text(0))),
  systime: ofValues(({ machine }) => Math.floor(machine.process.realtime() / 1e6)),
  tolower: ofValues(({ text }) => lower(text(0))),
  toupper: ofValues(({ text }) => upper(text(0))),
};

export function callBuiltin(machine: Machine, name: string, args: readonly Expression[]): Eventually<Value> {
  const builtin = BUILTINS[name];
  if (!builtin) throw new Error(`the tokens have a builtin ${name}`);
  return builtin(machine, args);
}
