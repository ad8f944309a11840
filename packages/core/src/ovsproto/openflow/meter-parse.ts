/** Meters in the syntax of ovs-ofctl(8), "Meter Syntax". */
import { parseU32, parseU8 } from "./c-numbers.ts";
import { keyValues } from "./key-values.ts";
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
  const named = { all: MeterId.ALL, controller: MeterId.CONTROLLER, slowpath: MeterId.SLOWPATH }[
    text.toLowerCase()
  ];
  if (named !== undefined) return named;
  const id = parseU32(text);
  if (id === 0 || id > MeterId.MAX) refuse(`invalid value for meter`);
  return id;
}

function parseBand(text: string, flags: number): MeterBand {
  if (!/^[ ,\t]*type[ \t]*=/.test(text)) refuse("band must start with the 'type' keyword");
  let bandType: number | undefined;
  let rate: number | undefined;
  let burst: number | undefined;
  let precedence = 0;
  for (const { key, value } of keyValues(text)) {
    const word = key.toLowerCase();
    if (word === "type") {
      bandType = { drop: 1, dscp_remark: 2 }[value] ?? refuse(`field ${key} unknown value ${value}`);
    } else if (word === "burst_size") burst = parseU32(value);
    else if (word === "rate") rate = parseU32(value);
    else if (word === "prec_level") precedence = parseU8(value, "prec_level");
    else refuse(`unknown keyword ${key}`);
  }
  if (bandType === undefined) return refuse("band must specify a type");
  if (rate === undefined || rate === 0) return refuse("band must have 'rate'");
  if (bandType === 2 && precedence === 0) refuse("band must specify prec_level");
  if (burst !== undefined && (flags & MeterFlag.BURST) === 0)
    refuse("can't specify burst_size without burst flag");
  if (burst === undefined && (flags & MeterFlag.BURST) !== 0)
    refuse("band must have 'burst_size' when 'burst' flag is set");
  return { bandType, rate, burst: burst ?? 0, precedence };
}

/** @param command as the command line has it; deletions and requests need no bands */
export function parseMeter(
  text: string,
  command: (typeof METER_COMMANDS)[number] | "request",
): { mod: MeterMod; usable: Protocols } {
  const changes = command === "add" || command === "modify";
  const at = text.search(/bands?[ \t]*=/);
  const head = at < 0 ? text : text.slice(0, at);
  if (changes && at < 0) refuse("must specify bands");
  let meter: number | undefined;
  let flags = 0;
  for (const { key, value } of keyValues(head)) {
    const word = key.toLowerCase();
    if (word === "kbps" && changes) flags |= MeterFlag.KBPS;
    else if (word === "pktps" && changes) flags |= MeterFlag.PKTPS;
    else if (word === "burst" && changes) flags |= MeterFlag.BURST;
    else if (word === "stats" && changes) flags |= MeterFlag.STATS;
    else if (word === "meter") {
      if (value === "") refuse(`field ${key} missing value`);
      meter = meterId(value);
    } else refuse(value === "" ? `field ${key} missing value` : `unknown keyword ${key}`);
  }
  if (meter === undefined) return refuse("must specify 'meter'");
  if (changes && (flags & 3) === 0) refuse("meter must specify either 'kbps' or 'pktps'");
  const bands: MeterBand[] = [];
  if (at >= 0) {
    const body = text.slice(text.indexOf("=", at) + 1);
    const parts = body.split(/(?=type[ \t]*=)/).filter((part) => part.replace(/[ ,\t]/g, "") !== "");
    for (const part of parts) bands.push(parseBand(part, flags));
    if (parts.length === 0) refuse("must specify bands");
  }
  const index = METER_COMMANDS.findIndex((name) => name === command);
  return { mod: { type: "meter_mod", command: Math.max(0, index), meter, flags, bands }, usable: OF13_UP };
}
