import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { version } from "../../packages/cli/src/version.ts";
import { root } from "./command.ts";

test("all packages and the command have one version", () => {
  const versions = ["package.json", "packages/core/package.json", "packages/cli/package.json"].map((path) => {
    const { version } = JSON.parse(readFileSync(join(root, path), "utf8")) as { readonly version: string };
    return version;
  });
  expect(versions).toEqual([version, version, version]);
});
