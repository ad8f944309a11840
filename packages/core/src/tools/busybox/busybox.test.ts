import { beforeAll, describe, expect, test } from "vitest";
import { maskTimes, readRecordedNetwork, Replay } from "../testing/recorded-network.ts";

describe("busybox prints what the real one prints", () => {
  const { setup, commands } = readRecordedNetwork(new URL("fixtures/recorded.jsonl", import.meta.url));
  const replay = new Replay();
  beforeAll(() => replay.start(setup));

  test.each(commands.map((recorded) => [recorded.cmd, recorded] as const))("%s", async (cmd, recorded) => {
    const ours = await replay.run(cmd);
    expect({ ...ours, stdout: maskTimes(ours.stdout), stderr: maskTimes(ours.stderr) }).toEqual({
      ...recorded,
      stdout: maskTimes(recorded.stdout),
      stderr: maskTimes(recorded.stderr),
    });
  });
});
