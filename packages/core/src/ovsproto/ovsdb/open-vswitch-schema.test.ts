// The schema is that of the Debian package, to the last constraint.

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatJson } from "../json.ts";
import { parseJson } from "../json-parser.ts";
import { openVswitchSchema } from "./open-vswitch-schema.ts";
import { parseSchema, schemaToJson } from "./schema.ts";

const FILE = "/usr/share/openvswitch/vswitch.ovsschema"; // of openvswitch-common

test.skipIf(!existsSync(FILE))("equals the schema of openvswitch-common 3.1", () => {
  const real = parseJson(readFileSync(FILE, "utf8"));
  const shown = (json: unknown): string =>
    formatJson(schemaToJson(parseSchema(json as never)), { sort: true, pretty: true });
  expect(shown(openVswitchSchema)).toBe(shown(real));
});

test("is read and written without a loss", () => {
  const once = schemaToJson(parseSchema(openVswitchSchema));
  expect(schemaToJson(parseSchema(once))).toEqual(once);
});
