// Diagnoses as text and as JSON.

import { paint } from "../trace/tree.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { CERTAINTY } from "./diagnosis.ts";

const CERTAINTY_NAMES = ["seen", "on-the-way", "possible", "noticed"] as const;

function placeText({ place }: Diagnosis): string {
  return place.device === undefined ? place.namespace : `${place.namespace}/${place.device}`;
}

export function printDiagnoses(list: readonly Diagnosis[], color: boolean): string {
  return list
    .map((diagnosis, index) => {
      const { id, problem, evidence, fix, certainty } = diagnosis;
      const tone = certainty <= CERTAINTY.ON_THE_WAY ? "bad" : "packet";
      const lines = [
        `${index + 1}. ${paint(problem, tone, color)}  [${id}, ${placeText(diagnosis)}]`,
        ...evidence.map((line) => `   ${line}`),
        ...fix.map((line, at) => `   ${at === 0 ? "fix:" : "    "} ${paint(line, "good", color)}`),
        ...(fix.length === 0 ? ["   fix: not by a command; see above"] : []),
      ];
      return `${lines.join("\n")}\n`;
    })
    .join("");
}

export function diagnosesJson(list: readonly Diagnosis[]): readonly object[] {
  return list.map(({ certainty, ...rest }) => ({ ...rest, certainty: CERTAINTY_NAMES[certainty] }));
}
