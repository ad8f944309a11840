// doctor: the catalogue of `why` over a whole system, without a destination. Looked at are the ways that are meant to work
// whoever talks to whom: to every address of one's own prefixes on the same link, and to every gateway; and, for a moment,
// the frames that are on their way.

import type { Process, Program } from "../../system/process.ts";
import { describeDropReason } from "../../trace/drop-reason.ts";
import { parseOptions, usageError } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { PlaceNames } from "../trace/places.ts";
import { allPlaces } from "../trace/trace.ts";
import { paint } from "../trace/tree.ts";
import { USAGE_STATUS, wantsColor } from "../trace/usage.ts";
import { diagnose } from "./catalogue.ts";
import type { Diagnosis, View } from "./diagnosis.ts";
import { dropCounters } from "./drop-counters.ts";
import { bytesKey, covers, isLinkLocal } from "./network-state.ts";
import type { NetworkState } from "./network-state.ts";
import { diagnosesJson, printDiagnoses } from "./print.ts";
import { readNetwork } from "./read-state.ts";
import { segmentOf } from "./segment.ts";
import { DOCTOR_USAGE } from "./usage.ts";
import { watchFrames } from "./watch-frames.ts";
import { wayTo } from "./way.ts";
import type { Way } from "./way.ts";

/** Pairs of hosts that are looked at, at most: enough for any lab that a person builds. */
const MAX_WAYS = 2000;

/** Ways between hosts on one link whose prefixes cover each other, and to gateways. */
function waysMeant(state: NetworkState): Way[] {
  const ways: Way[] = [];
  for (const own of state.addresses) {
    if (own.link.loopback || ways.length >= MAX_WAYS) continue;
    const { place } = own.link;
    const near = new Set(segmentOf(own.link));
    for (const other of state.addresses) {
      if (other.link.place === place || other.bytes.length !== own.bytes.length || !near.has(other.link))
        continue;
      if (bytesKey(other.bytes) === bytesKey(own.bytes) || isLinkLocal(other.bytes)) continue;
      if (covers(own, other.bytes) || covers(other, own.bytes)) ways.push(wayTo(state, place, other.bytes));
    }
    for (const gateway of place.gateways) {
      if (covers(own, gateway)) ways.push(wayTo(state, place, gateway));
    }
  }
  return ways.slice(0, MAX_WAYS);
}

async function body(process: Process): Promise<number> {
  const long = { json: "json", "color=": "color", drops: "drops", help: "h" };
  const { options, operands } = parseOptions(process, { short: "h", long }, USAGE_STATUS);
  let json = false;
  let drops = false;
  let color = "auto";
  for (const { name, value } of options) {
    if (name === "h") {
      process.print(DOCTOR_USAGE);
      return 0;
    } else if (name === "json") json = true;
    else if (name === "drops") drops = true;
    else color = value;
  }
  if (operands[0] !== undefined) usageError(process, `extra operand '${operands[0]}'`, USAGE_STATUS);
  const colored = wantsColor(process, color);
  const state = await readNetwork(process);
  const recorded = await watchFrames(process, state);
  const view: View = {
    state,
    ways: waysMeant(state),
    size: 0,
    port: undefined,
    drops: [],
    journey: undefined,
    verdict: undefined,
    recorded,
  };
  const diagnoses = diagnose(view);
  print(process, diagnoses, state, { json, drops, color: colored });
  return diagnoses.length > 0 ? 1 : 0;
}

/** Packets that ended, as the system tells or counts them. */
interface Lost {
  readonly namespace: string;
  readonly device: string | null;
  readonly reason: string;
  readonly text: string;
  readonly count: number;
}

function drops(process: Process, state: NetworkState, names: PlaceNames): Lost[] {
  const { trace } = process.system;
  if (trace === undefined)
    return dropCounters(state.places).map(({ namespace, device = null, name, text, count }) => ({
      namespace,
      device,
      reason: name,
      text,
      count,
    }));
  return trace.drops().map(({ device, reason, count }) => ({
    namespace: names.of(device.netns),
    device: device.name,
    reason,
    text: describeDropReason(reason),
    count,
  }));
}

function print(
  process: Process,
  diagnoses: readonly Diagnosis[],
  state: NetworkState,
  style: { readonly json: boolean; readonly drops: boolean; readonly color: boolean },
): void {
  const names = new PlaceNames(allPlaces(process));
  const counts = drops(process, state, names);
  if (style.json) {
    const list = counts.map(({ namespace, device, reason, count }) => ({ namespace, device, reason, count }));
    process.print(`${JSON.stringify({ diagnoses: diagnosesJson(diagnoses), drops: list }, null, 2)}\n`);
    return;
  }
  const looked = `${state.places.length} namespaces, ${state.links.length} devices`;
  if (diagnoses.length === 0) process.print(`${paint("Nothing is wrong", "good", style.color)}: ${looked}\n`);
  else process.print(printDiagnoses(diagnoses, style.color));
  if (!style.drops) return;
  process.print(counts.length === 0 ? "No packet was dropped\n" : "Dropped until now:\n");
  const places = counts.map(({ namespace, device }) =>
    device === null ? namespace : `${namespace}/${device}`,
  );
  const width = Math.max(20, ...places.map(({ length }) => length));
  for (const [index, { reason, text, count }] of counts.entries())
    process.print(
      `  ${String(count).padStart(8)}  ${places[index]?.padEnd(width) ?? ""} ${reason}: ${text}\n`,
    );
}

export const doctor: Program = program(body);
