import { beforeAll, describe, expect, test } from "vitest";
import { maskTimes, readRecordedNetwork, Replay } from "../../tools/testing/recorded-network.ts";

describe("vxlan behaves as on Linux", () => {
  const { profile, setup, commands } = readRecordedNetwork(
    new URL("fixtures/recorded.jsonl", import.meta.url),
  );
  const replay = new Replay(profile);
  beforeAll(() => replay.start(setup));

  test.each(commands.map((recorded) => [recorded.cmd, recorded] as const))("%s", async (cmd, recorded) => {
    const ours = await replay.run(cmd);
    expect({ ...ours, stdout: maskTimes(ours.stdout) }).toEqual({
      ...recorded,
      stdout: maskTimes(recorded.stdout),
    });
  });
});
