// Builds the packages before a run of tests and gives the tests what was built in the place of the sources.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Plugin } from "vitest/config";

const PACKAGES = ["packages/core", "packages/linux"];

/** What `tsc -b` writes nothing for stays as it is: tests, and what only they use. */
const SOURCE = /^(.*\/packages\/(?:core|linux))\/src\/(?!.*\/testing\/)(?!.*\.test\.ts$)(.*)\.ts$/;

export const builtPackages: Plugin = {
  name: "built-packages",
  enforce: "pre",
  async resolveId(source, importer) {
    const resolved = await this.resolve(source, importer, { skipSelf: true });
    const [, folder, name] = SOURCE.exec(resolved?.id ?? "") ?? [];
    return folder === undefined ? resolved : `${folder}/dist/${name}.js`;
  },
};

/**
 * Vitest calls this for each of its projects before all tests, and what it returns after them; the first call is enough. Its workers
 * end without a word, so what all tests of one share (the bundle of tests/cli/command.ts) is in a folder that goes here.
 */
export default function build(): (() => void) | undefined {
  if (process.env["PATCHCORD_TESTS"] !== undefined) return undefined;
  const { status, stdout, stderr } = spawnSync("npx", ["tsc", "-b", ...PACKAGES], { encoding: "utf8" });
  if (status !== 0) throw new Error(`tsc -b failed\n${stdout}${stderr}`);
  const shared = mkdtempSync(join(tmpdir(), "patchcord-tests-"));
  process.env["PATCHCORD_TESTS"] = shared;
  return () => rmSync(shared, { recursive: true, force: true });
}
