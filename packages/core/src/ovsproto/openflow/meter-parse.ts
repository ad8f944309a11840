/** Meters in the syntax of ovs-ofctl(8), "Meter Syntax". */
import { parseU32, parseU8 } from "./c-numbers.ts";
import { METER_COMMANDS, MeterFlag, MeterId } from "./meter-messages.ts";
import type { MeterBand, MeterMod } from "./meter-messages.ts";
import { OF13_UP } from "./protocols.ts";
import type { Protocols } from "./protocols.ts";
import { TextError } from "./text-error.ts";

const refuse = (text: string): never => {
  throw new TextError(text);
};

/** A meter's number, or all, controller, slowpath. */
function meterId(text: string): number {
  const named = { all: MeterId.ALL, controller: MeterId.CONTROLLER, slowpath: MeterId.SLOWPATH }[text];
  if (named !== undefined) return named;
  const id = parseU32(text);
  if (id === 0 || id > MeterId.MAX) refuse(`invalid value for meter`);
  return id;
}

/** Words one after the other, as C's strtok_r() finds them: names end at "=", values do not. */
class Tokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #next(delimiters: string): string | undefined {
    while (this.#at < this.#text.length && delimiters.includes(this.#text.charAt(this.#at))) this.#at++;
    const start = this.#at;
    while (this.#at < this.#text.length && !delimiters.includes(this.#text.charAt(this.#at))) this.#at++;
    const word = this.#text.slice(start, this.#at++);
    return word === "" ? undefined : word;
  }

  name(): string | undefined {
    return this.#next("=, \t\r\n");
  }

  valueOf(name: string): string {
    return this.#next(", \t\r\n") ?? refuse(`field ${name} missing value`);
  }
}

const BAND_TYPES: Readonly<Record<string, number>> = { drop: 1, dscp_remark: 2 };
const DSCP_REMARK = 2;

function parseBands(text: string, flags: number): MeterBand[] {
  const bands: { bandType: number; rate: number; burst: number; precedence: number }[] = [];
  const tokens = new Tokens(text);
  for (let name = tokens.name(); name !== undefined; name = tokens.name()) {
    const value = tokens.valueOf(name);
    const band = bands.at(-1);
    if (name === "type") {
      const bandType = BAND_TYPES[value] ?? refuse(`field ${name} unknown value ${value}`);
      bands.push({ bandType, rate: 0, burst: 0, precedence: 0 });
    } else if (band === undefined) refuse("band must start with the 'type' keyword");
    else if (name === "rate") band.rate = parseU32(value);
    else if (name === "burst_size") band.burst = parseU32(value);
    else if (name === "prec_level") band.precedence = parseU8(value, name);
    else refuse(`unknown keyword ${name}`);
  }
  if (bands.length === 0) refuse("meter must have bands");
  for (const { bandType, rate, burst, precedence } of bands) {
    if (bandType === DSCP_REMARK && precedence === 0) refuse("'dscp_remark' band must have 'prec_level'");
    if (bandType !== DSCP_REMARK && precedence !== 0) refuse("Only 'dscp_remark' band may have 'prec_level'");
    if (rate === 0) refuse("band must have 'rate'");
    const bursts = (flags & MeterFlag.BURST) !== 0;
    if (bursts && burst === 0) refuse("band must have 'burst_size' when 'burst' flag is set");
    if (!bursts && burst !== 0) refuse("band may have 'burst_size' only when 'burst' flag is set");
  }
  return bands;
}

const FLAGS: ReadonlyMap<string, number> = new Map([
  ["kbps", MeterFlag.KBPS],
  ["pktps", MeterFlag.PKTPS],
  ["burst", MeterFlag.BURST],
  ["stats", MeterFlag.STATS],
]);

/** @param command as the command line has it; deletions and requests have no flags and bands */
export function parseMeter(
  text: string,
  command: (typeof METER_COMMANDS)[number] | "request",
): { mod: MeterMod; usable: Protocols } {
  const changes = command === "add" || command === "modify";
  const at = text.indexOf("band");
  const equals = at < 0 ? -1 : text.indexOf("=", at);
  if (changes && equals < 0) refuse("must specify bands");
  const tokens = new Tokens(changes ? text.slice(0, at) : text);
  let meter: number | undefined;
  let flags = 0;
  for (let name = tokens.name(); name !== undefined; name = tokens.name()) {
    const flag = changes ? FLAGS.get(name) : undefined;
    if (flag !== undefined) {
      flags |= flag;
      continue;
    }
    const value = tokens.valueOf(name);
    if (name === "meter") meter = meterId(value);
    else refuse(`unknown keyword ${name}`);
  }
  if (meter === undefined) return refuse("must specify 'meter'");
  if (changes && flags === 0) refuse("meter must specify either 'kbps' or 'pktps'");
  const bands = changes ? parseBands(text.slice(equals + 1), flags) : [];
  const index = METER_COMMANDS.findIndex((name) => name === command);
  return { mod: { type: "meter_mod", command: Math.max(0, index), meter, flags, bands }, usable: OF13_UP };
}
