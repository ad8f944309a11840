// Journeys as `trace --json` prints them, made comparable: what `--dry-run` foretells beside what the same packet then meets.

import type { Replay } from "../../testing/recorded-network.ts";

interface Step {
  readonly kind?: string;
  readonly text?: string;
  readonly namespace?: string;
  readonly device?: { readonly namespace: string; readonly name: string };
  readonly bridge?: string | { readonly namespace: string; readonly name: string };
  readonly port?: { readonly namespace: string; readonly name: string };
  readonly child?: Journey;
}

interface Journey {
  readonly origin?: string;
  readonly steps: readonly Step[];
}

interface TraceResult {
  readonly verdict: { readonly outcome: string; readonly text: string };
  readonly predicted: boolean;
  readonly journey: Journey | null;
}

/** What a switch learns from frames, and what its flows mean for the datapath. */
const NOTES = /^-> (learned that |datapath actions: )/;

/** What only reality has, or only the prediction: also the datapath's cache in front of flows, and packet sockets of others. */
function isIncomparable({ kind, text = "" }: Step): boolean {
  return kind === "megaflow" || kind === "tap" || (kind === "switch-note" && NOTES.test(text));
}

function placeOf({ device, bridge, port, namespace }: Step): string {
  const at = device ?? port ?? bridge;
  if (at === undefined) return namespace ?? "";
  return typeof at === "string" ? at : `${at.namespace}/${at.name}`;
}

/** Ids of echoes by ping sockets, and ports that the system chooses, are only known once they are chosen. */
function masked(text: string): string {
  return text.replace(/id \d+ seq/g, "id N seq").replace(/(port|TCP socket) \d{4,5}\b/g, "$1 N");
}

/** What `trace` says, in that form; what it complains of, if it says nothing. */
export async function journeyOf(replay: Replay, words: string): Promise<string> {
  const { stdout, stderr } = await replay.run(`trace --json ${words}`);
  return stdout === "" ? stderr : journeyText(JSON.parse(stdout) as TraceResult);
}

/** One line an event, indented by who caused it. Times and numbers of packets are left out. */
function journeyText({ journey, verdict }: TraceResult): string {
  // What goes round is only watched until that is sure.
  if (verdict.outcome === "circling") return "circling\n";
  const lines: string[] = [];
  const walk = ({ origin, steps }: Journey, indent: string): void => {
    if (origin !== undefined) lines.push(`${indent}${origin}:`);
    for (const step of steps) {
      if (step.child !== undefined) walk(step.child, `${indent}  `);
      else if (!isIncomparable(step))
        lines.push(masked(`${indent}${placeOf(step)}: ${step.kind ?? ""}: ${step.text ?? ""}`));
    }
  };
  if (journey !== null) walk(journey, "");
  lines.push(masked(`${verdict.outcome}: ${verdict.text.replace(/ after [\d.]+ ms/, "")}`));
  return `${lines.join("\n")}\n`;
}
