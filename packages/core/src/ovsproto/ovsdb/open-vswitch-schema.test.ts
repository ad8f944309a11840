import { expect, test } from "vitest";
import { openVswitchSchema } from "./open-vswitch-schema.ts";
import { parseSchema, schemaToJson } from "./schema.ts";

test("is read and written without a loss", () => {
  const once = schemaToJson(parseSchema(openVswitchSchema));
  expect(schemaToJson(parseSchema(once))).toEqual(once);
});
