// Programs that are loaded when they are first started: all that are named are there, and time does not pass meanwhile.

import { expect, test } from "vitest";
import { EmbeddedSystem } from "../embedded.ts";
import { programs } from "../programs.ts";
import { onDemand } from "./on-demand.ts";
import { Process } from "./process.ts";
import type { Program } from "./process.ts";

const host = { turn: () => new Promise<void>((done) => setImmediate(done)) };

async function run(program: Program): Promise<{ readonly code: number | undefined; readonly time: number }> {
  const system = new EmbeddedSystem({ host });
  const process = Process.start(system, () => undefined, program, { argv: ["it"] });
  await system.run(() => process.status !== undefined);
  return { code: process.status?.code, time: system.monotonic() };
}

test("every program that is named is in what is loaded for it", async () => {
  const later = [...programs.values()].flatMap(({ load }) => load ?? []);
  expect(later.length).toBeGreaterThan(10);
  for (const load of later) await load();
});

test("a program is started when it would have been without loading, and loaded once", async () => {
  let loads = 0;
  const [[, program]] = onDemand(["it"], async () => {
    loads++;
    await new Promise((done) => setTimeout(done, 20));
    return new Map([["it", () => 3]]);
  }) as [[string, Program]];
  const first = await run(program);
  expect(first).toEqual(await run(() => 3));
  expect(await run(program)).toEqual(first);
  expect(loads).toBe(1);
});

test("a name without a program is a bug that says so", async () => {
  const [[, program]] = onDemand(["it"], async () => new Map()) as [[string, Program]];
  await expect((program.load as () => Promise<void>)()).rejects.toThrow("it is not among the programs");
});
