/** The choice of asynchronous messages (OpenFlow 1.3, 7.3.10) as `ovs-ofctl ofp-print` writes it. */
import { ASYNC_KINDS } from "./session-messages.ts";
import type { AsyncConfig } from "./session-messages.ts";

const ASYNC_REASONS: Readonly<Record<(typeof ASYNC_KINDS)[number], readonly (string | undefined)[]>> = {
  PACKET_IN: ["no_match", "action", "invalid_ttl", "action_set", "group", "packet_out"],
  PORT_STATUS: ["add", "delete", "modify"],
  FLOW_REMOVED: ["idle", "hard", "delete", "group_delete", "meter_delete", "eviction"],
  ROLE_STATUS: ["primary_request", "configuration_changed", "experimenter_data_changed"],
  TABLE_STATUS: [undefined, undefined, undefined, "vacancy_down", "vacancy_up"],
  REQUESTFORWARD: ["group_mod_request", "meter_mod_request"],
};

/** Which messages a controller of each role gets. */
export function formatAsync(body: Pick<AsyncConfig, "master" | "slave">): string {
  let text = "\n";
  for (const [role, sets] of [
    ["primary", body.master],
    ["secondary", body.slave],
  ] as const) {
    if (role === "secondary") text += "\n";
    text += ` ${role}:\n`;
    for (const [index, kind] of ASYNC_KINDS.entries()) {
      const bits = sets[index] ?? 0;
      const words: string[] = [];
      for (let bit = 0; bit < 32; bit++) {
        if (((bits >>> bit) & 1) === 0) continue;
        const word = ASYNC_REASONS[kind][bit];
        if (word !== undefined) words.push(word);
      }
      text += `${kind.padStart(16)}: ${words.length === 0 ? "(off)" : words.join(" ")}\n`;
    }
  }
  return text;
}
