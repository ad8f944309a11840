// The schema of Open vSwitch's database is that of the Debian package, to the last constraint.

import { readFileSync } from "node:fs";
import { formatJson } from "@patchcord/core/ovsproto/json.ts";
import { parseJson } from "@patchcord/core/ovsproto/json-parser.ts";
import { openVswitchSchema } from "@patchcord/core/ovsproto/ovsdb/open-vswitch-schema.ts";
import { parseSchema, schemaToJson } from "@patchcord/core/ovsproto/ovsdb/schema.ts";
import { expect, test } from "vitest";
import { packageMissing } from "../real-kernel.ts";

const FILE = "/usr/share/openvswitch/vswitch.ovsschema";
const missing = packageMissing("openvswitch-switch", FILE);
if (missing !== undefined) console.log(`the schema of Open vSwitch: not compared, ${missing}`);

test.skipIf(missing !== undefined)("the schema equals that of Debian's package", () => {
  const real = parseJson(readFileSync(FILE, "utf8"));
  const shown = (json: unknown): string =>
    formatJson(schemaToJson(parseSchema(json as never)), { sort: true, pretty: true });
  expect(shown(openVswitchSchema)).toBe(shown(real));
});
