// why: names what keeps a namespace from reaching a destination, and the commands that put it right. A packet is sent and
// followed, the state of every namespace is read, and the catalogue is asked what it recognizes in both.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import type { TraceNode } from "../../trace/recorder.ts";
import { parseOptions, usageError } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";
import { PlaceNames } from "../trace/places.ts";
import { ProbeFault } from "../trace/probe.ts";
import type { Probe } from "../trace/probe.ts";
import { allPlaces, destinationNamed, placeNamed, sendProbe } from "../trace/trace.ts";
import { paint } from "../trace/tree.ts";
import { USAGE_STATUS, wantsColor } from "../trace/usage.ts";
import { INCIDENTAL } from "../trace/describe-event.ts";
import { judge } from "../trace/verdict.ts";
import type { Verdict } from "../trace/verdict.ts";
import { catalogue, diagnose } from "./catalogue.ts";
import type { Diagnosis, SeenDrop, View } from "./diagnosis.ts";
import { CERTAINTY } from "./diagnosis.ts";
import { diagnosesJson, printDiagnoses } from "./print.ts";
import { readNetwork } from "./read-state.ts";
import { WHY_USAGE } from "./usage.ts";
import { underlayWays } from "./tunnel-state.ts";
import { wayTo } from "./way.ts";
import type { Way } from "./way.ts";

const PING_SIZE = 56; // bytes
const MAX_SIZE = 65_507;

interface Question {
  readonly namespace: string;
  readonly destination: string;
  readonly port: number;
  readonly transport: "udp" | "tcp";
  readonly size: number | undefined;
  readonly json: boolean;
  readonly color: boolean;
}

/** Undefined if there is nothing more to do. */
function readQuestion(process: Process): Question | undefined {
  const long = {
    "udp=": "udp",
    "tcp=": "tcp",
    "size=": "s",
    json: "json",
    "color=": "color",
    list: "list",
    help: "h",
  };
  const { options, operands } = parseOptions(process, { short: "s:h", long }, USAGE_STATUS);
  const number = (what: string, text: string, max: number): number => {
    if (!/^\d+$/.test(text) || Number(text) > max)
      usageError(process, `invalid ${what}: '${text}' (it is a number up to ${max})`, USAGE_STATUS);
    return Number(text);
  };
  let port = 0;
  let transport: Question["transport"] = "udp";
  let size: number | undefined;
  let json = false;
  let color = "auto";
  for (const { name, value } of options) {
    if (name === "h") {
      process.print(WHY_USAGE);
      return undefined;
    } else if (name === "list") {
      for (const { id, title } of catalogue) process.print(`${id.padEnd(18)} ${title}\n`);
      return undefined;
    } else if (name === "udp" || name === "tcp") {
      transport = name;
      port = number("port", value, 65_535);
    } else if (name === "s") size = number("size", value, MAX_SIZE);
    else if (name === "json") json = true;
    else color = value;
  }
  const [namespace, destination, extra] = operands;
  if (namespace === undefined) usageError(process, "missing namespace", USAGE_STATUS);
  if (destination === undefined) usageError(process, "missing destination", USAGE_STATUS);
  if (extra !== undefined) usageError(process, `extra operand '${extra}'`, USAGE_STATUS);
  return { namespace, destination, port, transport, size, json, color: wantsColor(process, color) };
}

/** Every drop of a journey that may have to do with the loss. */
export function dropsIn(node: TraceNode, ofAnswer = false): SeenDrop[] {
  return node.steps.flatMap((step): SeenDrop[] => {
    if (step.kind === "child") {
      const { child } = step;
      const answers = ofAnswer || (child.origin === "answer" && node.origin !== "resolution");
      return dropsIn(child, answers);
    }
    const { event } = step;
    if (event.kind === "drop" && !INCIDENTAL.has(event.reason))
      return [{ device: event.device, reason: event.reason, ofAnswer }];
    if (event.kind === "bridge-skip") return [{ device: event.port, reason: event.reason, ofAnswer }];
    return [];
  });
}

async function body(process: Process): Promise<number> {
  const question = readQuestion(process);
  if (question === undefined) return 0;
  const list = allPlaces(process);
  const home = process.netns;
  const place = placeNamed(process, list, question.namespace);
  const to = place && destinationNamed(process, question.destination);
  if (place === undefined || to === undefined) return USAGE_STATUS;
  const names = new PlaceNames(list);
  const size = question.size ?? PING_SIZE;
  const probe: Probe =
    question.port === 0
      ? { kind: "icmp", to, size }
      : question.transport === "tcp"
        ? { kind: "tcp", to, port: question.port }
        : { kind: "udp", to, port: question.port, size: question.size ?? 0 };
  let verdict: Verdict;
  let journey: TraceNode | undefined;
  process.netns = place.netns;
  try {
    journey = (await sendProbe(process, probe, undefined)).journey();
    verdict = journey
      ? judge(journey, place.netns.inode, names)
      : { outcome: "unsent", text: "Nothing was sent" };
  } catch (fault) {
    if (fault instanceof ProbeFault) {
      complain(process, fault.message);
      return USAGE_STATUS;
    }
    if (!(fault instanceof Refusal)) throw fault;
    const { errno } = fault;
    verdict = { outcome: "unsent", text: `Not sent by ${place.name}: ${strerror(errno)}`, errno };
  } finally {
    process.netns = home;
  }
  const state = await readNetwork(process, [place]);
  const from = state.places.find(({ netns }) => netns.inode === place.netns.inode);
  const ways: Way[] = [];
  if (from !== undefined) {
    const there = wayTo(state, from, to.address);
    ways.push(there);
    const source = there.hops[0]?.source;
    if (there.end === "arrived" && there.hops.length > 0 && source !== undefined)
      ways.push(wayTo(state, there.place, source, to.address));
    ways.push(...underlayWays(state, ways));
  }
  const drops = journey ? dropsIn(journey) : [];
  const view: View = {
    state,
    ways,
    size: question.size ?? 0,
    port: question.port === 0 ? undefined : question.port,
    transport: question.transport,
    drops,
    journey,
    verdict,
    recorded: journey ? [journey] : [],
  };
  const works = verdict.outcome === "answered" || verdict.outcome === "delivered";
  const all = diagnose(view);
  // What did not stop this packet cannot be what stops packets of this kind.
  const diagnoses = works ? all.map((one): Diagnosis => ({ ...one, certainty: CERTAINTY.NOTICED })) : all;
  print(process, question, verdict, works, diagnoses);
  return works ? 0 : 1;
}

function print(
  process: Process,
  { json, color }: Question,
  { outcome, text }: Verdict,
  works: boolean,
  diagnoses: readonly Diagnosis[],
): void {
  if (json) {
    const result = { works, verdict: { outcome, text }, diagnoses: diagnosesJson(diagnoses) };
    process.print(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  process.print(`${paint(text, works ? "good" : "bad", color)}\n`);
  if (diagnoses.length > 0) {
    if (works) process.print("It works; but this was noticed:\n");
    process.print(printDiagnoses(diagnoses, color));
  } else if (!works)
    process.print("Nothing that is known to go wrong was recognized; trace shows the whole way.\n");
}

export const why: Program = program(body);
