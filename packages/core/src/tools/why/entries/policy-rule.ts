// A routing policy rule in the words of `ip rule`.

import { command } from "../network-state.ts";
import type { PlaceState, PolicyRule } from "../network-state.ts";

function words({ family, priority, selector, table }: PolicyRule, action: string): string {
  const what = table === undefined ? action : `lookup ${table}`;
  return `${family === "inet6" ? "-6 " : ""}rule del priority ${priority} ${selector} ${what}`;
}

/** The command that takes it away. `action`: what it does, if that is no look-up. */
export function ruleDeleted(place: PlaceState, rule: PolicyRule, action = ""): string {
  return command("ip", place, words(rule, action));
}

/** Where it is seen. */
export function ruleShown(place: PlaceState, rule: PolicyRule, action = ""): string {
  const { family, priority, selector, table } = rule;
  const what = table === undefined ? action : `lookup ${table}`;
  return `${command("ip", place, `${family === "inet6" ? "-6 " : ""}rule show`)}: ${priority}: ${selector} ${what}`;
}
