// A journey as lines: one an event, with time, namespace and device in columns, and the tree of packets in the text.

import type { TraceNode, TraceStep } from "../../trace/recorder.ts";
import { describeEvent, originText } from "./describe-event.ts";
import type { EventText, Tone } from "./describe-event.ts";
import type { PlaceNames } from "./places.ts";

/** A line without its widths and colours. */
export interface Line {
  /** Milliseconds since the journey began. */
  readonly time: number;
  readonly namespace: string;
  readonly device: string;
  /** Branches of the tree in front of the text. */
  readonly branch: string;
  readonly text: string;
  readonly tone: Tone;
}

const NANOSECONDS = 1_000_000; // a millisecond

/** All lines of a journey, in the order of reading: what a packet caused stands where it was caused. */
export function journeyLines(root: TraceNode, names: PlaceNames): readonly Line[] {
  const begin = root.steps[0]?.time ?? 0;
  const lines: Line[] = [];
  const add = (time: number, branch: string, { netns, device, text, tone }: EventText): void => {
    const namespace = netns === undefined ? "" : names.of(netns);
    lines.push({ time: (time - begin) / NANOSECONDS, namespace, device, branch, text, tone });
  };
  const walk = (node: TraceNode, first: string, rest: string): void => {
    let branch = first;
    const next = (): string => {
      const now = branch;
      branch = rest;
      return now;
    };
    const [start] = node.steps;
    const tellsBeginning = start?.kind === "event" && start.event.kind === "originate";
    if (!tellsBeginning && node.origin !== undefined) {
      const text: EventText = { netns: undefined, device: "", text: originText(node.origin), tone: "packet" };
      add(start?.time ?? begin, next(), text);
    }
    node.steps.forEach((step, index) => {
      if (step.kind === "event") add(step.time, next(), describeEvent(step.event, node.origin));
      else {
        const last = isLast(node.steps, index);
        walk(step.child, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`);
      }
    });
  };
  walk(root, "", "");
  return lines;
}

function isLast(steps: readonly TraceStep[], index: number): boolean {
  return index === steps.length - 1;
}

const COLORS: Readonly<Record<Tone, string>> = {
  packet: "1",
  plain: "0",
  decision: "36",
  good: "32",
  bad: "31",
};

export function paint(text: string, tone: Tone, color: boolean): string {
  return color && tone !== "plain" ? `\x1b[${COLORS[tone]}m${text}\x1b[0m` : text;
}

/** Lines that a person reads; a packet that goes round and round would make thousands. */
const MOST_LINES = 200;

/** The lines as text, columns aligned, as many as a person reads. `timed` false: without the column of times. */
export function printLines(all: readonly Line[], color: boolean, timed = true): string {
  const lines = all.slice(0, MOST_LINES);
  const width = (of: (line: Line) => string): number => Math.max(0, ...lines.map((line) => of(line).length));
  const times = width(({ time }) => time.toFixed(2));
  const namespaces = width(({ namespace }) => namespace);
  const devices = width(({ device }) => device);
  let text = "";
  for (const { time, namespace, device, branch, text: words, tone } of lines) {
    const clock = timed ? `${time.toFixed(2).padStart(times)}  ` : "";
    const columns = `${clock}${namespace.padEnd(namespaces)}  ${device.padEnd(devices)}  `;
    text += `${columns}${branch}${paint(words, tone, color)}\n`;
  }
  if (all.length > lines.length) text += `... and ${all.length - lines.length} lines more\n`;
  return text;
}
