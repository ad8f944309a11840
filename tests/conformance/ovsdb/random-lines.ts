// Scripts of random calls, each with the schema of the database that they are for.

import { formatJson } from "@patchcord/core/ovsproto/json.ts";
import { openVswitchSchema } from "@patchcord/core/ovsproto/ovsdb/open-vswitch-schema.ts";
import { generator } from "../ovs-tools/message-templates.ts";
import { ClientLines } from "./client-lines.ts";
import { FileLines, SCHEMA_FILES } from "./file-lines.ts";
import { schema } from "./schema.ts";
import { SwitchLines } from "./switch-lines.ts";
import { VsctlLines } from "./vsctl-lines.ts";

/** Calls of ovs-vsctl, of ovsdb-tool, of ovsdb-client; settings of a switch that runs. */
const LINE_KINDS = ["vsctl", "files", "clients", "switch"] as const;
export type LineKind = (typeof LINE_KINDS)[number];

export const isLineKind = (word: string): word is LineKind =>
  (LINE_KINDS as readonly string[]).includes(word);

/** With dummies, and without the kernel's datapath. */
const START_SWITCH = [
  "ovs-vsctl --no-wait init; ovs-vswitchd --enable-dummy --disable-system --disable-system-route unix:db.sock --detach --no-chdir " +
    "--pidfile --log-file -vconsole:off 2>/dev/null",
  ...SwitchLines.first,
];
const STOP_SWITCH = "ovs-appctl exit";

/** Equal seeds give equal scripts. */
export function randomLines(kind: LineKind, seed: number, count: number): [lines: string[], schema: string] {
  const random = generator(seed);
  const several = (source: { next(): string }): string[] =>
    Array.from({ length: count }, () => source.next());
  switch (kind) {
    case "vsctl":
      return [several(new VsctlLines(random)), formatJson(openVswitchSchema)];
    case "switch":
      return [
        [...START_SWITCH, ...several(new SwitchLines(random)), STOP_SWITCH],
        formatJson(openVswitchSchema),
      ];
    case "files":
      return [[...SCHEMA_FILES, ...several(new FileLines(random))], formatJson(schema)];
    case "clients": {
      const source = new ClientLines(random);
      const lines = several(source);
      return [[...SCHEMA_FILES, ...lines, ...source.rest()], formatJson(schema)];
    }
  }
}
